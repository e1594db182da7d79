/**
 * Reads the output of the SDK's compiler (xsc) and linker (xsl) for an app's JavaScript: a file of bytecode for each module,
 * and a C file with the bytecode of the modules that run at start and the objects of those that are preloaded, including
 * their functions' code. ESP-IDF's compiler gets the same C file.
 */

export interface LinkedImage {
	/** Names in the image's order. */
	readonly modules: readonly string[];
	/** Bytes of the code of modules that run at start. */
	readonly code: number;
	/** Objects, properties and functions stored in flash, 16 bytes each on a 32-bit chip. */
	readonly slots: number;
	/** Bytes of the data that they point to: text, names, and the code of functions. */
	readonly bytes: number;
}

const HEAP = /^static const txSlot gxHeap\[mxHeapCount\] = \{$([\s\S]*?)^\};$/m;
const SCRIPT = /^\t\{ \w+, NULL, 0, (?:\(txS1\*\)\w+|NULL), (\d+), \w+, \d+, "([^"]+)", \{ XS_MAJOR_VERSION/gm;
const STRING = /"((?:[^"\\]|\\.)*)"/g;
const ESCAPE = /\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gi;

/** @param source the C file. Throws `TypeError` if it is no such file */
export function readLinkedImage(source: string): LinkedImage {
	const slots = /^#define mxHeapCount (\d+)$/m.exec(source)?.[1];
	const heap = HEAP.exec(source)?.[1];
	const scripts = [...source.matchAll(SCRIPT)];
	if (slots === undefined || heap === undefined || scripts.length === 0) {
		throw new TypeError("expected the C file that xsl writes, with gxHeap and gxScripts: is this SDK version 8?");
	}
	let bytes = 0;
	for (const [, literal] of heap.matchAll(STRING)) bytes += Buffer.byteLength(literal!.replace(ESCAPE, ".")) + 1;
	return {
		modules: scripts.map(([, , name]) => name!),
		code: scripts.reduce((total, [, size]) => total + Number(size), 0),
		slots: Number(slots),
		bytes,
	};
}

const ATOM = 8;

/**
 * Returns the bytes of bytecode in a file of xsc: nested atoms, each with its size and its name, most significant byte first.
 */
export function bytecodeOf(file: Buffer): number {
	for (let at = ATOM; at + ATOM <= file.length; ) {
		const size = file.readUInt32BE(at);
		if (file.toString("latin1", at + 4, at + ATOM) === "CODE") return size - ATOM;
		if (size < ATOM) break;
		at += size;
	}
	throw new TypeError("expected a file that xsc writes, with bytecode in it: is this SDK version 8?");
}
