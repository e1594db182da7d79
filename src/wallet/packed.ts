/**
 * Numbers and amounts packed into bytes, big-endian. The ledger's sums are kept this way because objects take three times the
 * memory.
 */
import * as uint256 from "../../modules/encoding/uint256.js";

/** Bytes of an id, of a time and of a period (both in seconds). */
export const NUMBER_SIZE = 6;

export function readNumber(bytes: Uint8Array, at: number, size = NUMBER_SIZE): number {
	let value = 0;
	for (let i = 0; i < size; i++) value = value * 256 + bytes[at + i]!;
	return value;
}

export function writeNumber(bytes: Uint8Array, at: number, value: number, size = NUMBER_SIZE): void {
	let rest = value;
	for (let i = size - 1; i >= 0; i--) {
		bytes[at + i] = rest % 256;
		rest = Math.floor(rest / 256);
	}
}

/** Reads the amount at `at`: a length byte, then its bytes without leading zeros. */
export function readAmount(bytes: Uint8Array, at: number): Uint8Array {
	return uint256.fromMinimal(bytes.subarray(at + 1, at + 1 + bytes[at]!));
}

/** Packs an amount as `readAmount` reads it. */
export function packedAmount(amount: Uint8Array): Uint8Array {
	const minimal = uint256.toMinimal(amount);
	const bytes = new Uint8Array(1 + minimal.length);
	bytes[0] = minimal.length;
	bytes.set(minimal, 1);
	return bytes;
}

/** True if `bytes` hold a minimally encoded amount at `at`. */
export function isAmountAt(bytes: Uint8Array, at: number): boolean {
	const size = bytes[at];
	if (size === undefined || size > 32 || at + 1 + size > bytes.length) return false;
	return size === 0 || bytes[at + 1] !== 0;
}

/** Copies `bytes` with `row` in place of the range from `from` to `to`. */
export function replaced(bytes: Uint8Array, from: number, to: number, row: Uint8Array): Uint8Array {
	const result = new Uint8Array(bytes.length - (to - from) + row.length);
	result.set(bytes.subarray(0, from));
	result.set(row, from);
	result.set(bytes.subarray(to), from + row.length);
	return result;
}
