/**
 * Reads QR codes (ISO/IEC 18004:2015), as much as it takes to check one: its fixed patterns for each version, and what version
 * 3-M with bytes in it says. No error is corrected: there are to be none.
 */
import type { Picture } from "../../tools/moddable/png.js";

/** `true` is dark; by row and column, without the quiet zone. */
export type Modules = readonly (readonly boolean[])[];

/** The squares of `scale` pixels below and right of (x, y): each all dark or all light. */
export function readModules(picture: Picture, x: number, y: number, count: number, scale: number): Modules {
	return Array.from({ length: count }, (_, row) =>
		Array.from({ length: count }, (_, column) => isDark(picture, x + column * scale, y + row * scale, scale)),
	);
}

function isDark({ width, pixels }: Picture, x: number, y: number, scale: number): boolean {
	const channels = 3;
	let dark = 0;
	for (let row = y; row < y + scale; row++)
		for (let column = x; column < x + scale; column++) if (pixels[channels * (row * width + column)]! < 128) dark++;
	if (dark !== 0 && dark !== scale * scale) throw new Error(`the module at ${x}, ${y} is neither dark nor light`);
	return dark > 0;
}

/** The three finders with their separators, and the timing between them, which counts the modules. */
export function hasFixedPatterns(modules: Modules): boolean {
	const last = modules.length - 7;
	const finder = (top: number, left: number) => (row: number, column: number) => {
		const ring = Math.max(Math.abs(row - top - 3), Math.abs(column - left - 3));
		return ring > 4 ? undefined : ring !== 2 && ring !== 4;
	};
	const finders = [finder(0, 0), finder(0, last), finder(last, 0)];
	return modules.every((line, row) =>
		line.every((dark, column) => {
			const timing = row === 6 || column === 6 ? (row + column) % 2 === 0 : undefined;
			const expected = finders.map((at) => at(row, column)).find((at) => at !== undefined) ?? timing;
			return expected === undefined || dark === expected;
		}),
	);
}

/** The conditions of 7.8.2, by pattern. */
const MASKS: readonly ((i: number, j: number) => boolean)[] = [
	(i, j) => (i + j) % 2 === 0,
	(i) => i % 2 === 0,
	(_, j) => j % 3 === 0,
	(i, j) => (i + j) % 3 === 0,
	(i, j) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
	(i, j) => ((i * j) % 2) + ((i * j) % 3) === 0,
	(i, j) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
	(i, j) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

const SIZE = 29;
const CODEWORDS = 70;
const CHECK_CODEWORDS = 26;
const LEVEL_M = 0b00;
const BYTE_MODE = 0b0100;

/** What a code of version 3-M says. */
export function decode(modules: Modules): string {
	if (modules.length !== SIZE || !hasFixedPatterns(modules)) throw new Error("no code of version 3");
	const format = formatOf(modules);
	if (format >> 3 !== LEVEL_M) throw new Error(`level ${format >> 3}, not M`);
	const codewords = codewordsOf(modules, MASKS[format & 7]!);
	if (syndromes(codewords).some((syndrome) => syndrome !== 0)) throw new Error("the codewords have errors");
	const bits = codewords.map((codeword) => codeword.toString(2).padStart(8, "0")).join("");
	if (Number.parseInt(bits.slice(0, 4), 2) !== BYTE_MODE) throw new Error("not in byte mode");
	const length = Number.parseInt(bits.slice(4, 12), 2);
	const bytes = Array.from({ length }, (_, index) => Number.parseInt(bits.slice(12 + 8 * index, 20 + 8 * index), 2));
	return Buffer.from(bytes).toString("utf8");
}

/** The five bits of 7.9 around the upper left finder; their ten check bits are to be right. */
function formatOf(modules: Modules): number {
	const columns = [0, 1, 2, 3, 4, 5, 7, 8, 8, 8, 8, 8, 8, 8, 8];
	const rows = [8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 4, 3, 2, 1, 0];
	const read = columns.reduce((bits, column, index) => (bits << 1) | Number(modules[rows[index]!]![column]), 0);
	const format = (read ^ 0b101010000010010) >> 10;
	let remainder = format << 10;
	for (let bit = 14; bit >= 10; bit--) if ((remainder >> bit) & 1) remainder ^= 0b10100110111 << (bit - 10);
	if ((((format << 10) | remainder) ^ 0b101010000010010) !== read) throw new Error("the format has errors");
	return format;
}

/** 7.7.3: in pairs of columns from the right, up and down, around what is no data. */
function codewordsOf(modules: Modules, mask: (i: number, j: number) => boolean): number[] {
	let bits = "";
	let isUpward = true;
	for (let right = SIZE - 1; right > 0; right -= 2) {
		if (right === 6) right--;
		for (let step = 0; step < SIZE; step++) {
			const row = isUpward ? SIZE - 1 - step : step;
			for (const column of [right, right - 1])
				if (!isFunction(row, column)) bits += Number(modules[row]![column] !== mask(row, column));
		}
		isUpward = !isUpward;
	}
	return Array.from({ length: CODEWORDS }, (_, index) => Number.parseInt(bits.slice(8 * index, 8 * index + 8), 2));
}

/** Finders with format, timing, and the one alignment pattern of version 3. */
function isFunction(row: number, column: number): boolean {
	const [low, high] = [(at: number) => at < 9, (at: number) => at > SIZE - 9];
	if ((low(row) && (low(column) || high(column))) || (high(row) && low(column))) return true;
	return row === 6 || column === 6 || (Math.abs(row - 22) <= 2 && Math.abs(column - 22) <= 2);
}

/** Of the Reed-Solomon code over GF(2^8) modulo x^8+x^4+x^3+x^2+1: all 0 for what has no errors. */
function syndromes(codewords: readonly number[]): number[] {
	const double = (value: number) => (value << 1) ^ (value & 128 ? 0x11d : 0);
	const multiply = (a: number, b: number) => {
		let product = 0;
		for (; b > 0; b >>= 1, a = double(a)) if (b & 1) product ^= a;
		return product;
	};
	let root = 1;
	return Array.from({ length: CHECK_CODEWORDS }, () => {
		const value = codewords.reduce((sum, codeword) => multiply(sum, root) ^ codeword, 0);
		root = double(root);
		return value;
	});
}
