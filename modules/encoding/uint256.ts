/**
 * Unsigned 256-bit integers, as Solidity's `uint256`: amounts of money and nonces. The representation is 32 bytes, big
 * end first, which is how EIP-712 encodes them; they are never changed in place. All arithmetic is on bytes with
 * products below 2^31, which XS keeps as integers; nothing is allocated but the result.
 */
import { EncodingError } from "./errors.js";

/** 32 bytes, big end first. */
export type Uint256 = Uint8Array<ArrayBuffer>;

const SIZE = 32;
/** 2^256 − 1 has 78 decimal digits. */
const DIGITS = 78;

/**
 * The integer that `text` writes in decimal: `0`, or digits that begin with 1 to 9, and nothing else.
 * Throws `NotDecimal` for any other text, for more than 78 characters and for anything that is not a string, `Overflow`
 * at 2^256 and above.
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
	if (length === 1 && text === "0") return value;
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

/** The shortest decimal text of `value`. */
export function toDecimal(value: Uint8Array): string {
	const rest = checked(value).slice();
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

/** The integer of a JavaScript number. Throws `NotSafeInteger` unless it is an integer from 0 to 2^53 − 1. */
export function fromNumber(number: number): Uint256 {
	if (!Number.isSafeInteger(number) || number < 0) {
		throw new EncodingError("NotSafeInteger", `expected an integer from 0 to 2^53 - 1, got ${number}`);
	}
	const value = new Uint8Array(SIZE);
	for (let i = SIZE - 1; number > 0; i--) {
		value[i] = number % 256;
		number = Math.floor(number / 256);
	}
	return value;
}

/** a + b. Throws `Overflow` when it is 2^256 or more. */
export function add(a: Uint8Array, b: Uint8Array): Uint256 {
	checked(a);
	checked(b);
	const sum = new Uint8Array(SIZE);
	let carry = 0;
	for (let i = SIZE - 1; i >= 0; i--) {
		carry += a[i]! + b[i]!;
		sum[i] = carry;
		carry >>= 8;
	}
	if (carry !== 0) throw new EncodingError("Overflow", "expected a sum below 2^256, got a greater one");
	return sum;
}

/** a + b, or 2^256 − 1 when that is less: for sums that only bound something. */
export function addCapped(a: Uint8Array, b: Uint8Array): Uint256 {
	try {
		return add(a, b);
	} catch {
		return new Uint8Array(SIZE).fill(0xff);
	}
}

/** a − b. Throws `Underflow` when b is greater than a. */
export function subtract(a: Uint8Array, b: Uint8Array): Uint256 {
	checked(a);
	checked(b);
	const difference = new Uint8Array(SIZE);
	let borrow = 0;
	for (let i = SIZE - 1; i >= 0; i--) {
		borrow += a[i]! - b[i]!;
		difference[i] = borrow;
		borrow >>= 8;
	}
	if (borrow !== 0) throw new EncodingError("Underflow", "expected a difference of 0 or more, got less");
	return difference;
}

/** Below 0 when a < b, 0 when they are equal, above 0 when a > b. */
export function compare(a: Uint8Array, b: Uint8Array): number {
	checked(a);
	checked(b);
	for (let i = 0; i < SIZE; i++) {
		if (a[i] !== b[i]) return a[i]! - b[i]!;
	}
	return 0;
}

export function isZero(value: Uint8Array): boolean {
	return firstByte(checked(value)) === SIZE;
}

/** `value` without its leading zero bytes, none at all for 0: how it is stored in a record. */
export function toMinimal(value: Uint8Array): Uint8Array<ArrayBuffer> {
	return checked(value).slice(firstByte(value));
}

/** The inverse of `toMinimal`. Throws `NotMinimal` for a leading zero byte, `Overflow` for more than 32 bytes. */
export function fromMinimal(bytes: Uint8Array): Uint256 {
	if (bytes.length > SIZE) throw new EncodingError("Overflow", `expected at most 32 bytes, got ${bytes.length}`);
	if (bytes[0] === 0) throw new EncodingError("NotMinimal", "expected no leading zero byte, got one");
	const value = new Uint8Array(SIZE);
	value.set(bytes, SIZE - bytes.length);
	return value;
}

/** value := value · factor + addend; what did not fit is returned. */
function multiplyAdd(value: Uint8Array, factor: number, addend: number): number {
	for (let i = SIZE - 1; i >= 0; i--) {
		addend += value[i]! * factor;
		value[i] = addend;
		addend >>>= 8;
	}
	return addend;
}

function firstByte(value: Uint8Array): number {
	let i = 0;
	while (i < SIZE && value[i] === 0) i++;
	return i;
}

function checked(value: Uint8Array): Uint256 {
	if (value.length !== SIZE) {
		throw new EncodingError("NotUint256", `expected an integer of 32 bytes, got ${value.length} bytes`);
	}
	return value as Uint256;
}

function notDecimal(text: string): EncodingError {
	const shown = JSON.stringify(text.length > DIGITS ? `${text.slice(0, DIGITS)}…` : text);
	return new EncodingError(
		"NotDecimal",
		`expected an integer of at most ${DIGITS} digits without sign, prefix or leading zero, got ${shown}`,
	);
}
