/**
 * What the programs of this folder share: they run on XS, on the emulated rv32imc board, and print what an operation cost.
 * @module
 */
declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

function instructions(this: unknown): number {
	return native("xs_instructions").call(this);
}
function print(this: unknown, text: string): undefined {
	return native("xs_print").call(this, text);
}

/** The first may make tables; the others show what it costs from then on. */
export const RUNS = 3;
/** An object with one property. */
const SLOTS_OF_A_LINK = 2;
/** A key's 32 bytes: the same for both curves. */
export const KEY = Uint8Array.from({ length: 32 }, (_, i) => 7 * i + 1);

/** A digest or a message. */
export function input(run: number, length: number): Uint8Array {
	return Uint8Array.from({ length }, (_, i) => 31 * i + 101 * run + 17);
}

export interface Measurement {
	readonly op: string;
	/** Of each run, in their order; the cost of counting is taken off. */
	readonly instructions: readonly number[];
	/** What each run gave, hexadecimal. */
	readonly outputs: readonly string[];
}

/**
 * Makes the heap larger before it is needed. XS 13 collects garbage whenever its chunks or slots are full and grows them only
 * when that gave nothing, so with a full heap it collects for every few numbers made: seven times the instructions.
 */
export function makeRoom(chunkBytes: number, slots = 0): void {
	let list: unknown = new Uint8Array(chunkBytes);
	list = undefined;
	for (let slot = 0; slot < slots; slot += SLOTS_OF_A_LINK) list = { list };
}

/** Runs the operation on `RUNS` inputs of so many bytes, and prints a `Measurement`. */
export function measure(op: string, operation: (input: Uint8Array) => Uint8Array, length = 32): void {
	const nothing = new Uint8Array(0);
	const idle = () => nothing;
	count(idle, nothing);
	const overhead = count(idle, nothing).instructions;
	const inputs = Array.from({ length: RUNS }, (_, run) => input(run, length));
	const runs = inputs.map((bytes) => count(operation, bytes));
	const measurement: Measurement = {
		op,
		instructions: runs.map((run) => run.instructions - overhead),
		outputs: runs.map(({ output }) => Array.from(output, (byte) => byte.toString(16).padStart(2, "0")).join("")),
	};
	print.call(undefined, JSON.stringify(measurement));
}

function count(
	operation: (input: Uint8Array) => Uint8Array,
	bytes: Uint8Array,
): { instructions: number; output: Uint8Array } {
	const before = instructions.call(undefined);
	const output = operation(bytes);
	return { instructions: instructions.call(undefined) - before, output };
}
