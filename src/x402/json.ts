/**
 * JSON from a seller. A few kilobytes of brackets or commas would take all memory of a device that parses them, or its
 * stack, so they are counted before.
 */

/**
 * Arrays and objects within one another, and values in all. The reference server's terms have about 8 and 80. XS keeps each
 * new name of a member for as long as it runs, which is one more reason to be sparing.
 */
const DEPTH_LIMIT = 16;
const VALUES_LIMIT = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The value of `text`. Throws when it is no JSON, or too much of it. */
export function parseJson(text: string): unknown {
	const bytes = new TextEncoder().encode(text);
	let depth = 0;
	let values = 1;
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i]!;
		const isOpening = byte === OPEN_ARRAY || byte === OPEN_OBJECT;
		if (byte === QUOTE) i = endOfString(bytes, i + 1);
		else if (isOpening) depth++;
		else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--;
		if (isOpening || byte === COMMA) values++;
		if (depth > DEPTH_LIMIT || values > VALUES_LIMIT) {
			throw new RangeError(`more than ${DEPTH_LIMIT} levels or ${VALUES_LIMIT} values`);
		}
	}
	return JSON.parse(text);
}

/** Where the string ends that has begun before `i`. */
function endOfString(bytes: Uint8Array, i: number): number {
	while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1;
	return i;
}
