/**
 * Base58 in Bitcoin's alphabet, as Solana writes keys and signatures (draft-msporny-base58-03): the bytes as one big-endian
 * number in base 58; each leading zero byte becomes a leading `1`. The cost grows with the square of the length, so the limit
 * is 64 bytes, an ed25519 signature.
 */
import { EncodingError } from "./errors.js";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** 58² */
const PAIR = 3_364;
const MAXIMUM_BYTES = 64;
/** ⌈64 · log 256 / log 58⌉ */
const MAXIMUM_CHARACTERS = 88;

/** Encodes at most 64 bytes. Throws `TooLong`. */
export function encode(bytes: Uint8Array): string {
	if (bytes.length > MAXIMUM_BYTES) throw tooLong(`${bytes.length} bytes`);
	// Two bytes and two digits at once: 58² · 2¹⁶ < 2³¹. An odd first byte is added alone.
	const pairs: number[] = [];
	for (let i = -(bytes.length % 2); i < bytes.length; i += 2)
		addTwoBytes(pairs, ((bytes[i] ?? 0) << 8) | bytes[i + 1]!);
	const digits = new TextEncoder().encode(ALPHABET);
	const zeros = leading(bytes, 0);
	const text = new Uint8Array(zeros + 2 * pairs.length).fill(digits[0]!);
	let length = zeros;
	for (let i = pairs.length - 1; i >= 0; i--) {
		const high = (pairs[i]! / 58) | 0;
		// The first digit is not a zero.
		if (high > 0 || length > zeros) text[length++] = digits[high]!;
		text[length++] = digits[pairs[i]! % 58]!;
	}
	return new TextDecoder().decode(text.subarray(0, length));
}

/** Multiplies `pairs` (digits in base 58², least significant first) by 2¹⁶ and adds two bytes. */
function addTwoBytes(pairs: number[], carry: number): void {
	for (let i = 0; i < pairs.length; i++) {
		carry += pairs[i]! << 16;
		pairs[i] = carry % PAIR;
		carry = (carry / PAIR) | 0;
	}
	for (; carry > 0; carry = (carry / PAIR) | 0) pairs.push(carry % PAIR);
}

/** Decodes `text`. Throws `Base58Character`, and `TooLong` for more than 64 bytes. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
	if (text.length > MAXIMUM_CHARACTERS) throw tooLong(`${text.length} characters`);
	const characters = new TextEncoder().encode(text);
	const bytes = new Uint8Array(MAXIMUM_BYTES);
	let first = MAXIMUM_BYTES;
	for (let i = 0; i < characters.length; i++) {
		let carry = ALPHABET.indexOf(String.fromCharCode(characters[i]!));
		if (carry < 0)
			throw new EncodingError("Base58Character", `expected a character of Bitcoin's base58 alphabet at ${i}`);
		for (let at = MAXIMUM_BYTES - 1; at >= first || carry > 0; at--) {
			if (at < 0) throw tooLong("more");
			carry += bytes[at]! * 58;
			bytes[at] = carry;
			carry >>= 8;
			if (at < first) first = at;
		}
	}
	first -= leading(characters, 0x31);
	if (first < 0) throw tooLong("more");
	return bytes.slice(first);
}

/** Returns the number of leading bytes equal to `value`. */
function leading(bytes: Uint8Array, value: number): number {
	let count = 0;
	while (count < bytes.length && bytes[count] === value) count++;
	return count;
}

function tooLong(got: string): EncodingError {
	return new EncodingError("TooLong", `expected at most ${MAXIMUM_BYTES} bytes, got ${got}`);
}
