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
	for (let at = 0; at < bytes.length; ) {
		const first = bytes[at++]!;
		if (first < 0x80) continue;
		const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
		if (first < 0xc2 || first > 0xf4) return false;
		// The bounds of the second byte exclude overlong forms, surrogates and code points beyond U+10FFFF.
		const second = bytes[at]!;
		if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return false;
		if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return false;
		for (let n = 0; n < more; n++, at++) if (at >= bytes.length || (bytes[at]! & 0xc0) !== 0x80) return false;
	}
	return true;
}

/** Decodes `bytes`, keeping a leading U+FEFF. Throws `NotUtf8`. */
export function decode(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new EncodingError("NotUtf8", `expected UTF-8 in ${bytes.length} bytes, got a malformed sequence`);
	}
}
