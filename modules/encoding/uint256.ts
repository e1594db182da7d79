/**
 * Unsigned 256-bit integers, like Solidity's `uint256`: amounts of money and nonces. The representation is 32 bytes,
 * big-endian, as EIP-712 encodes them; they are immutable. Arithmetic uses 32-bit words through DataView, since each access
 * to a typed array is a call on XS. Values below 2^53, as most amounts are, are read and written as numbers.
 */
import { EncodingError } from "./errors.js";

/** 32 bytes, big-endian. */
export type Uint256 = Uint8Array<ArrayBuffer>;

const SIZE = 32;
/** 2^256 − 1 has 78 decimal digits. */
const DIGITS = 78;
/** 2^53 has 16. */
const SAFE_DIGITS = 15;
const WORD = 4;
const WORD_RANGE = 0x1_0000_0000;
/** The upper word's bound of a number below 2^53. */
const SAFE_UPPER = 0x20_0000;

/**
 * Parses a decimal integer: `0`, or digits that begin with 1 to 9. Throws `NotDecimal` for any other text, for more than 78
 * characters and for anything that is not a string, `Overflow` at 2^256 and above.
 */
export function fromDecimal(text: unknown): Uint256 {
	if (typeof text !== "string") {
		throw new EncodingError(
			"NotDecimal",
			`expected an integer as a decimal string, got a value of type ${typeof text}`,
		);
	}
	const length = text.length;
	const value = new Uint8Array(SIZE);
	const number = length <= SAFE_DIGITS ? Number(text) : Number.NaN;
	if (Number.isSafeInteger(number) && number >= 0 && String(number) === text) return fromNumber(number);
	if (length === 0 || length > DIGITS || text.charCodeAt(0) === 0x30) throw notDecimal(text);
	// Groups of six digits: 255 · 10^6 + 10^6 < 2^31.
	let group = 0;
	let scale = 1;
	for (let i = 0; i < length; i++) {
		const digit = text.charCodeAt(i) - 0x30;
		if (!(digit >= 0 && digit <= 9)) throw notDecimal(text);
		group = group * 10 + digit;
		scale *= 10;
		if (scale === 1_000_000 || i === length - 1) {
			if (multiplyAdd(value, scale, group) !== 0) {
				throw new EncodingError("Overflow", `expected an integer below 2^256, got ${text}`);
			}
			group = 0;
			scale = 1;
		}
	}
	return value;
}

/** Formats `value` as the shortest decimal text. */
export function toDecimal(value: Uint8Array): string {
	const number = numberOf(value);
	if (number !== undefined) return String(number);
	const rest = value.slice();
	const text = new Uint8Array(DIGITS);
	let at = DIGITS;
	let first = 0;
	do {
		let group = 0;
		for (let i = first; i < SIZE; i++) {
			const part = (group << 8) | rest[i]!;
			rest[i] = (part / 1_000_000) | 0;
			group = part % 1_000_000;
		}
		while (first < SIZE && rest[first] === 0) first++;
		for (let i = 0; i < 6 && at > 0; i++) {
			text[--at] = 0x30 + (group % 10);
			group = (group / 10) | 0;
		}
	} while (first < SIZE);
	while (at < DIGITS - 1 && text[at] === 0x30) at++;
	return new TextDecoder().decode(text.subarray(at));
}

/** Converts a JavaScript number. Throws `NotSafeInteger` unless it is an integer from 0 to 2^53 − 1. */
export function fromNumber(number: number): Uint256 {
	if (!Number.isSafeInteger(number) || number < 0) {
		throw new EncodingError("NotSafeInteger", `expected an integer from 0 to 2^53 - 1, got ${number}`);
	}
	const value = new Uint8Array(SIZE);
	const words = wordsOf(value);
	words.setUint32(SIZE - 2 * WORD, Math.floor(number / WORD_RANGE));
	words.setUint32(SIZE - WORD, number % WORD_RANGE);
	return value;
}

/** Returns a + b. Throws `Overflow` at 2^256 and above. */
export function add(a: Uint8Array, b: Uint8Array): Uint256 {
	const [left, right] = [wordsOf(a), wordsOf(b)];
	const sum = new Uint8Array(SIZE);
	const words = wordsOf(sum);
	let carry = 0;
	for (let at = SIZE - WORD; at >= 0; at -= WORD) {
		const word = left.getUint32(at) + right.getUint32(at) + carry;
		words.setUint32(at, word);
		carry = word < WORD_RANGE ? 0 : 1;
	}
	if (carry !== 0) throw new EncodingError("Overflow", "expected a sum below 2^256, got a greater one");
	return sum;
}

/** Returns a + b, at most 2^256 − 1: for sums that only serve as a bound. */
export function addCapped(a: Uint8Array, b: Uint8Array): Uint256 {
	try {
		return add(a, b);
	} catch {
		return new Uint8Array(SIZE).fill(0xff);
	}
}

/** Returns a − b. Throws `Underflow` if b is greater than a. */
export function subtract(a: Uint8Array, b: Uint8Array): Uint256 {
	const [left, right] = [wordsOf(a), wordsOf(b)];
	const difference = new Uint8Array(SIZE);
	const words = wordsOf(difference);
	let borrow = 0;
	for (let at = SIZE - WORD; at >= 0; at -= WORD) {
		const word = left.getUint32(at) - right.getUint32(at) - borrow;
		words.setUint32(at, word);
		borrow = word < 0 ? 1 : 0;
	}
	if (borrow !== 0) throw new EncodingError("Underflow", "expected a difference of 0 or more, got less");
	return difference;
}

/** Returns a number below 0 if a < b, 0 if they are equal, above 0 if a > b. */
export function compare(a: Uint8Array, b: Uint8Array): number {
	const [left, right] = [wordsOf(a), wordsOf(b)];
	for (let at = 0; at < SIZE; at += WORD) {
		const difference = left.getUint32(at) - right.getUint32(at);
		if (difference !== 0) return difference;
	}
	return 0;
}

export function isZero(value: Uint8Array): boolean {
	return firstByte(value) === SIZE;
}

/** Returns `value` without its leading zero bytes, the form stored in records: no bytes for 0. */
export function toMinimal(value: Uint8Array): Uint8Array<ArrayBuffer> {
	return value.slice(firstByte(value)) as Uint8Array<ArrayBuffer>;
}

/** Inverts `toMinimal`. Throws `NotMinimal` for a leading zero byte, `Overflow` for more than 32 bytes. */
export function fromMinimal(bytes: Uint8Array): Uint256 {
	if (bytes.length > SIZE) throw new EncodingError("Overflow", `expected at most 32 bytes, got ${bytes.length}`);
	if (bytes[0] === 0) throw new EncodingError("NotMinimal", "expected no leading zero byte, got one");
	const value = new Uint8Array(SIZE);
	value.set(bytes, SIZE - bytes.length);
	return value;
}

/** Sets value to value · factor + addend, and returns the overflow. */
function multiplyAdd(value: Uint8Array, factor: number, addend: number): number {
	for (let i = SIZE - 1; i >= 0; i--) {
		addend += value[i]! * factor;
		value[i] = addend;
		addend >>>= 8;
	}
	return addend;
}

function firstByte(value: Uint8Array): number {
	const words = wordsOf(value);
	let i = 0;
	while (i < SIZE && words.getUint32(i) === 0) i += WORD;
	while (i < SIZE && value[i] === 0) i++;
	return i;
}

/** Returns `undefined` from 2^53 on. */
function numberOf(value: Uint8Array): number | undefined {
	const words = wordsOf(value);
	for (let at = 0; at < SIZE - 2 * WORD; at += WORD) if (words.getUint32(at) !== 0) return undefined;
	const upper = words.getUint32(SIZE - 2 * WORD);
	return upper < SAFE_UPPER ? upper * WORD_RANGE + words.getUint32(SIZE - WORD) : undefined;
}

/** Checks the length. Throws `NotUint256`. */
function wordsOf(value: Uint8Array): DataView {
	if (value.length !== SIZE) {
		throw new EncodingError("NotUint256", `expected an integer of 32 bytes, got ${value.length} bytes`);
	}
	return new DataView(value.buffer, value.byteOffset, SIZE);
}

function notDecimal(text: string): EncodingError {
	const shown = JSON.stringify(text.length > DIGITS ? `${text.slice(0, DIGITS)}…` : text);
	return new EncodingError(
		"NotDecimal",
		`expected an integer of at most ${DIGITS} digits without sign, prefix or leading zero, got ${shown}`,
	);
}
