/**
 * Base58 in Bitcoin's alphabet, as Solana writes keys and signatures (draft-msporny-base58-03): the bytes as one number,
 * big end first, in base 58; each leading zero byte is a leading `1`. Its cost grows with the square of the length, so
 * it takes 64 bytes at most, an ed25519 signature.
 */
import { EncodingError } from "./errors.js";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const MAXIMUM_BYTES = 64;
/** ⌈64 · log 256 / log 58⌉ */
const MAXIMUM_CHARACTERS = 88;

/** The text of at most 64 bytes. Throws `TooLong`. */
export function encode(bytes: Uint8Array): string {
	if (bytes.length > MAXIMUM_BYTES) throw tooLong(`${bytes.length} bytes`);
	// The digits stand at the end of `text`, least significant last, first as values and then as characters.
	const text = new Uint8Array(MAXIMUM_CHARACTERS);
	let first = MAXIMUM_CHARACTERS;
	for (let i = 0; i < bytes.length; i++) {
		let carry = bytes[i]!;
		for (let at = MAXIMUM_CHARACTERS - 1; at >= first || carry > 0; at--) {
			carry += text[at]! << 8;
			text[at] = carry % 58;
			carry = (carry / 58) | 0;
			if (at < first) first = at;
		}
	}
	first -= leading(bytes, 0);
	for (let at = first; at < MAXIMUM_CHARACTERS; at++) text[at] = ALPHABET.charCodeAt(text[at]!);
	return new TextDecoder().decode(text.subarray(first));
}

/** The bytes that `text` writes. Throws `Base58Character`, and `TooLong` for more than 64 bytes. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
	if (text.length > MAXIMUM_CHARACTERS) throw tooLong(`${text.length} characters`);
	const characters = new TextEncoder().encode(text);
	const bytes = new Uint8Array(MAXIMUM_BYTES);
	let first = MAXIMUM_BYTES;
	for (let i = 0; i < characters.length; i++) {
		let carry = ALPHABET.indexOf(String.fromCharCode(characters[i]!));
		if (carry < 0)
			throw new EncodingError("Base58Character", `expected Bitcoin's base58 alphabet, got another at ${i}`);
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

/** How many bytes equal to `value` stand at the beginning. */
function leading(bytes: Uint8Array, value: number): number {
	let count = 0;
	while (count < bytes.length && bytes[count] === value) count++;
	return count;
}

function tooLong(got: string): EncodingError {
	return new EncodingError("TooLong", `expected at most ${MAXIMUM_BYTES} bytes, got ${got}`);
}
