/**
 * Strict UTF-8 (RFC 3629). The platforms' TextEncoders differ on lone surrogates (some write U+FFFD, XS encodes them as they
 * are), and bytes that are signed or stored must mean one thing only.
 */
import { EncodingError } from "./errors.js";

/** Encodes `text`. Throws `LoneSurrogate` for a surrogate without its other half. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
	const bytes = new TextEncoder().encode(text);
	// One byte for each character: the text is ASCII.
	if (bytes.length === text.length) return bytes;
	// Decoding the result, in native code, is cheaper than checking the characters in JavaScript.
	let same = false;
	try {
		same = decode(bytes) === text;
	} catch {}
	if (!same) {
		throw new EncodingError("LoneSurrogate", "expected text of whole Unicode characters, got half a surrogate pair");
	}
	return bytes;
}

/** True if `bytes` are valid UTF-8 (RFC 3629 §4); builds no text. */
export function isUtf8(bytes: Uint8Array): boolean {
	return strayBytes(bytes, true) === 0;
}

/**
 * `bytes`, or a copy if some of them belong to no character: each such byte becomes the character of its number, which is
 * Latin-1. Servers write it by `btoa`, and from databases that never had UTF-8.
 */
export function repaired(bytes: Uint8Array): Uint8Array {
	const strays = strayBytes(bytes, false);
	if (strays === 0) return bytes;
	const result = new Uint8Array(bytes.length + strays);
	for (let at = 0, to = 0; at < bytes.length; ) {
		const length = lengthAt(bytes, at);
		const byte = bytes[at]!;
		if (length === 0) {
			result[to++] = 0xc0 | (byte >> 6);
			result[to++] = 0x80 | (byte & 0x3f);
			at++;
		} else for (const end = at + length; at < end; ) result[to++] = bytes[at++]!;
	}
	return result;
}

/** Counts the bytes that belong to no character; with `isAnyEnough`, stops at the first. */
function strayBytes(bytes: Uint8Array, isAnyEnough: boolean): number {
	let strays = 0;
	for (let at = 0; at < bytes.length; ) {
		const length = bytes[at]! < 0x80 ? 1 : lengthAt(bytes, at);
		if (length === 0) strays++;
		if (length === 0 && isAnyEnough) break;
		at += length || 1;
	}
	return strays;
}

/** Returns the length of the character that begins at `at`, or 0 if none does. */
function lengthAt(bytes: Uint8Array, at: number): number {
	const first = bytes[at]!;
	if (first < 0x80) return 1;
	if (first < 0xc2 || first > 0xf4) return 0;
	// The bounds of the second byte leave out what is overlong, a surrogate, or beyond U+10FFFF.
	const second = bytes[at + 1]!;
	if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
	if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
	const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	for (let n = 1; n < length; n++) if ((bytes[at + n]! & 0xc0) !== 0x80) return 0;
	return length;
}

/** Decodes `bytes`, keeping a leading U+FEFF. Throws `NotUtf8`. */
export function decode(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new EncodingError("NotUtf8", `expected UTF-8 in ${bytes.length} bytes, got a malformed sequence`);
	}
}
