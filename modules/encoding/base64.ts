/**
 * Base64 (RFC 4648 §4), the standard alphabet with `+` and `/`, as x402 encodes its headers. Encodes with padding. Decodes
 * strictly: base64url, white space and line ends are refused (§3.1, §3.3). Padding may be omitted, but must be correct if
 * present (§3.2). Left-over bits in the last character are ignored, as §3.5 allows and as x402's reference decoders (`atob`)
 * do: no one compares encoded forms here.
 */
import { EncodingError } from "./errors.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = 0x3d;

/** Encodes `bytes`, with padding. */
export function encode(bytes: Uint8Array): string {
	const length = bytes.length;
	const digits = new TextEncoder().encode(ALPHABET);
	const text = new Uint8Array(4 * Math.ceil(length / 3));
	// Four characters are written at once: each write is a call on XS.
	const view = new DataView(text.buffer);
	for (let i = 0, at = 0; i < length; i += 3, at += 4) {
		const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
		const first = (digits[group >> 18]! << 24) | (digits[(group >> 12) & 63]! << 16);
		const third = i + 1 < length ? digits[(group >> 6) & 63]! : PAD;
		const fourth = i + 2 < length ? digits[group & 63]! : PAD;
		view.setUint32(at, first | (third << 8) | fourth);
	}
	return new TextDecoder().decode(text);
}

/**
 * Decodes `text`.
 *
 * @param limit the most bytes to accept
 *
 * Throws `Base64Character` for a character outside of the alphabet, `Base64Length` for an impossible length or padding,
 * `TooLong` over the limit.
 */
export function decode(text: string, limit = 0x7fff_ffff): Uint8Array<ArrayBuffer> {
	// Checked before the text is copied: no text within the limit is longer.
	if (text.length > 4 * Math.ceil(limit / 3)) throw tooLong(limit, Math.floor((text.length * 3) / 4));
	const characters = new TextEncoder().encode(text);
	// Beyond ASCII a character has more than one byte.
	if (characters.length > text.length) throw refusal(characters, 0, characters.length);
	return decodeInPlace(characters, limit).slice() as Uint8Array<ArrayBuffer>;
}

/**
 * Decodes characters that are bytes in place: a device has no room for both forms. Returns a view. Throws as `decode` does.
 */
export function decodeInPlace(characters: Uint8Array, limit = 0x7fff_ffff): Uint8Array {
	let digits = characters.length;
	if (digits > 0 && digits % 4 === 0 && characters[digits - 1] === PAD) {
		digits -= characters[digits - 2] === PAD ? 2 : 1;
	}
	if (digits % 4 === 1) throw new EncodingError("Base64Length", `expected whole bytes, got ${digits} characters`);
	const length = (digits * 3) >> 2;
	if (length > limit) throw tooLong(limit, length);
	const values = valuesOfCharacters();
	const view = new DataView(characters.buffer, characters.byteOffset, characters.length);
	let at = 0;
	let i = 0;
	for (; i + 4 <= digits; i += 4, at += 3) {
		const four = view.getUint32(i);
		const group =
			(values[four >>> 24]! << 18) |
			(values[(four >> 16) & 255]! << 12) |
			(values[(four >> 8) & 255]! << 6) |
			values[four & 255]!;
		// A character outside of the alphabet makes the group negative.
		if (group < 0) throw refusal(characters, i, digits);
		// The fourth byte has already been read.
		view.setUint32(at, group << 8);
	}
	for (let group = 0, shift = 18; i < digits; i++, shift -= 6) {
		group |= values[characters[i]!]! << shift;
		if (group < 0) throw refusal(characters, i, digits);
		// Two characters give one byte, three give two.
		if (shift < 18) characters[at++] = group >> (shift + (shift === 12 ? 4 : 2));
	}
	return characters.subarray(0, length);
}

/** Turns base64url (RFC 4648 §5) into the standard alphabet, in place. */
export function standardize(characters: Uint8Array): void {
	replaceAll(characters, 0x2d, 0x2b);
	replaceAll(characters, 0x5f, 0x2f);
}

function replaceAll(characters: Uint8Array, from: number, to: number): void {
	for (let at = characters.indexOf(from); at >= 0; at = characters.indexOf(from, at + 1)) characters[at] = to;
}

/** Creates the error for the first character from `at` on that is outside of the alphabet. */
function refusal(characters: Uint8Array, at: number, digits: number): EncodingError {
	const values = valuesOfCharacters();
	while (at < digits && values[characters[at]!]! >= 0) at++;
	return characters[at] === PAD
		? new EncodingError(
				"Base64Length",
				`expected padding at the end, up to a multiple of 4 characters, got it at ${at}`,
			)
		: new EncodingError("Base64Character", `expected A-Z, a-z, 0-9, + or / at ${at}: the standard alphabet`);
}

function tooLong(limit: number, length: number): EncodingError {
	return new EncodingError("TooLong", `expected at most ${limit} bytes, got ${length}`);
}

/** Builds the table of values by character: 0 to 63, or −1 for one outside of the alphabet. */
function valuesOfCharacters(): Int8Array {
	const characters = new TextEncoder().encode(ALPHABET);
	const values = new Int8Array(256).fill(-1);
	for (let value = 0; value < characters.length; value++) values[characters[value]!] = value;
	return values;
}
