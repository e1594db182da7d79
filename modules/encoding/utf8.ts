/**
 * UTF-8 (RFC 3629), strictly: the platform's TextEncoder and TextDecoder differ in what they do with lone surrogates
 * (one writes U+FFFD, XS writes them out as they are), and what is signed or stored must mean one thing only.
 */
import { EncodingError } from "./errors.js";

/** The bytes of `text`. Throws `LoneSurrogate` when it has a surrogate without its other half. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
	const bytes = new TextEncoder().encode(text);
	// Reading back what was written, both in native code, is cheaper than any look at the characters in JavaScript.
	let same = false;
	try {
		same = decode(bytes) === text;
	} catch {}
	if (!same) {
		throw new EncodingError("LoneSurrogate", "expected text of whole Unicode characters, got half a surrogate pair");
	}
	return bytes;
}

/** The text of `bytes`, a leading U+FEFF kept. Throws `NotUtf8`. */
export function decode(bytes: Uint8Array): string {
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
	} catch {
		throw new EncodingError("NotUtf8", `expected UTF-8 in ${bytes.length} bytes, got a malformed sequence`);
	}
}
