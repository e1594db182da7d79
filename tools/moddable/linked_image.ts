/**
 * Reads what the SDK's compiler (xsc) and linker (xsl) made of an app's JavaScript: a file of bytecode for each module, and
 * a C file with the bytecode of the modules that run at start and the objects of those that are preloaded, their functions'
 * code with them. ESP-IDF's compiler is given the same C file.
 */

export interface LinkedImage {
	/** By name, in the image's order. */
	readonly modules: readonly string[];
	/** Bytes of the code of modules that run at start. */
	readonly code: number;
	/** Objects, properties and functions that lie in flash as they are, 16 bytes each on a chip of 32 bits. */
	readonly slots: number;
	/** The size of what they point to: text, names, and the code of functions. */
	readonly bytes: number;
}

const HEAP = /^static const txSlot gxHeap\[mxHeapCount\] = \{$([\s\S]*?)^\};$/m;
const SCRIPT = /^\t\{ \w+, NULL, 0, (?:\(txS1\*\)\w+|NULL), (\d+), \w+, \d+, "([^"]+)", \{ XS_MAJOR_VERSION/gm;
const STRING = /"((?:[^"\\]|\\.)*)"/g;
const ESCAPE = /\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gi;

/** @param source the C file. Throws `TypeError` when it is none */
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

/** Bytes of bytecode in a file of xsc: atoms in an atom, each with its size and its name, most significant byte first. */
export function bytecodeOf(file: Buffer): number {
	for (let at = ATOM; at + ATOM <= file.length; ) {
		const size = file.readUInt32BE(at);
		if (file.toString("latin1", at + 4, at + ATOM) === "CODE") return size - ATOM;
		if (size < ATOM) break;
		at += size;
	}
	throw new TypeError("expected a file that xsc writes, with bytecode in it: is this SDK version 8?");
}
