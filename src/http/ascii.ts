/** The character classes of RFC 9110 §5.6 on single bytes (or character codes). */

/** Bytes that are made a text of at once, and from how many on that pays. */
const NATIVE_PIECE = 256;
const WORTH_NATIVE = 12;

const TOKEN_MARKS = "!#$%&'*+-.^_`|~";

/** True for a `tchar`, RFC 9110 §5.6.2. */
export function isTokenCharacter(c: number): boolean {
	return (
		(c >= 0x30 && c <= 0x39) ||
		((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) ||
		(c > 0x20 && c < 0x7f && TOKEN_MARKS.includes(String.fromCharCode(c)))
	);
}

/**
 * True if `text` has no characters but those that stand unescaped in addresses (RFC 3986 §2.2, §2.3), as base64, hex and most
 * names do. One native look: XS finds the nth character of a text by a walk from the first.
 */
export function isUriText(text: string): boolean {
	try {
		return encodeURI(text) === text;
	} catch {
		// Half a surrogate pair.
		return false;
	}
}

/** True if all of `text` is a token, RFC 9110 §5.6.2. */
export function isToken(text: string): boolean {
	for (let i = 0; i < text.length; i++) {
		if (!isTokenCharacter(text.charCodeAt(i))) {
			return false;
		}
	}
	return text.length > 0;
}

/** True for a character of a field value or a reason phrase, RFC 9110 §5.5: tab, space, visible ASCII, and bytes above it. */
export function isFieldCharacter(c: number): boolean {
	return (c >= 0x20 && c !== 0x7f) || c === 0x09;
}

/** True if `isFieldCharacter` holds for each byte from `start` to `end`. */
export function isFieldText(bytes: Uint8Array, start: number, end: number): boolean {
	for (let at = start; at < end; at += NATIVE_PIECE) {
		const next = Math.min(end, at + NATIVE_PIECE);
		if (!isPlain(bytes, at, next) && !areFieldCharacters(bytes, at, next)) return false;
	}
	return true;
}

/**
 * True if all bytes are plain ASCII that JSON writes as it is, which no control character is: two native looks instead of
 * one in JavaScript at each byte.
 */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
	if (end - start < WORTH_NATIVE) return false;
	const text = new TextDecoder().decode(bytes.subarray(start, end));
	return text.length === end - start && JSON.stringify(text).length === text.length + 2 && !text.includes("\x7f");
}

function areFieldCharacters(bytes: Uint8Array, start: number, end: number): boolean {
	for (let i = start; i < end; i++) if (!isFieldCharacter(bytes[i]!)) return false;
	return true;
}

/** True for optional white space, RFC 9110 §5.6.3. */
export function isBlank(c: number): boolean {
	return c === 0x20 || c === 0x09;
}

export const CR = 0x0d;
export const LF = 0x0a;
