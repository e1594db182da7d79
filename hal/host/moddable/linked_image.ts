/**
 * What the SDK's linker (xsl) has made of the JavaScript of an app: a C file with the bytecode of each module and the objects
 * of the preloaded ones. It is the same file that ESP-IDF's compiler is given.
 */

export interface LinkedImage {
	readonly modules: readonly LinkedModule[];
	/** Objects, properties and functions that lie in flash as they are, 16 bytes each on a chip of 32 bits. */
	readonly slots: number;
	/** What they point to, in bytes: text, names, and the code of those functions that the linker has copied. */
	readonly bytes: number;
}

export interface LinkedModule {
	readonly name: string;
	/** Bytes; none for a module that is native all through. */
	readonly bytecode: number;
}

const HEAP = /^static const txSlot gxHeap\[mxHeapCount\] = \{$([\s\S]*?)^\};$/m;
const SCRIPT = /^\t\{ \w+, NULL, 0, (?:\(txS1\*\)\w+|NULL), (\d+), \w+, \d+, "([^"]+)", \{ XS_MAJOR_VERSION/gm;
const STRING = /"((?:[^"\\]|\\.)*)"/g;
const ESCAPE = /\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/gi;

/** Throws `TypeError` when it is no such file. */
export function readLinkedImage(source: string): LinkedImage {
	const slots = /^#define mxHeapCount (\d+)$/m.exec(source)?.[1];
	const heap = HEAP.exec(source)?.[1];
	const modules = [...source.matchAll(SCRIPT)].map(([, bytes, name]) => ({ name: name!, bytecode: Number(bytes) }));
	if (slots === undefined || heap === undefined || modules.length === 0) {
		throw new TypeError("expected the C file that xsl writes, with gxHeap and gxScripts: is this SDK version 8?");
	}
	let bytes = 0;
	for (const [, literal] of heap.matchAll(STRING)) bytes += Buffer.byteLength(literal!.replace(ESCAPE, ".")) + 1;
	return { modules, slots: Number(slots), bytes };
}
