/** The character classes of RFC 9110 §5.6 on single bytes (or character codes). */

const TOKEN_MARKS = "!#$%&'*+-.^_`|~";

/** True for a `tchar`, RFC 9110 §5.6.2. */
export function isTokenCharacter(c: number): boolean {
	return (
		(c >= 0x30 && c <= 0x39) ||
		((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) ||
		(c > 0x20 && c < 0x7f && TOKEN_MARKS.includes(String.fromCharCode(c)))
	);
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

/** True for optional white space, RFC 9110 §5.6.3. */
export function isBlank(c: number): boolean {
	return c === 0x20 || c === 0x09;
}

export const CR = 0x0d;
export const LF = 0x0a;
