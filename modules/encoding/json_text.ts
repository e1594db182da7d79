/**
 * JSON (RFC 8259) read without building what it describes: a value is a piece of the text, checked whole, of which members
 * and elements are smaller pieces. What is echoed is echoed byte for byte. And a stranger's JSON costs a device nothing
 * but its bytes: JavaScript engines for microcontrollers keep each new name of a member for as long as they run, recurse
 * into brackets, and end when either is too much.
 */
import { EncodingError } from "./errors.js";

/** Arrays and objects within one another. */
const DEPTH_LIMIT = 16;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Reads one JSON text. Throws `EncodingError` `JsonMalformed`, `TooDeep` over 16 levels.
 * @example
 * readJson('{"a":[1,2]}').members("a")[0]?.text; // "[1,2]"
 */
export function readJson(text: string): JsonText {
	const bytes = new TextEncoder().encode(text);
	const start = skipSpace(bytes, 0);
	const end = endOfValue(bytes, start);
	if (skipSpace(bytes, end) !== bytes.length) throw malformed(bytes, end);
	return new JsonText(bytes, start, end);
}

/** A value in a text that has been checked. */
export class JsonText {
	readonly #bytes: Uint8Array;
	/** Where it begins and ends in the UTF-8 of the whole text. */
	readonly start: number;
	readonly end: number;

	constructor(bytes: Uint8Array, start: number, end: number) {
		this.#bytes = bytes;
		this.start = start;
		this.end = end;
	}

	/** As it was written. */
	get text(): string {
		return new TextDecoder().decode(this.#bytes.subarray(this.start, this.end));
	}

	get isObject(): boolean {
		return this.#bytes[this.start] === OPEN_OBJECT;
	}

	get isArray(): boolean {
		return this.#bytes[this.start] === OPEN_ARRAY;
	}

	/** A string's, number's, boolean's or null's own value; `undefined` of an object or array. */
	get leaf(): string | number | boolean | null | undefined {
		return this.isObject || this.isArray ? undefined : JSON.parse(this.text);
	}

	/** An object's members of these names, in their order; the last of a repeated one, as `JSON.parse` has it. */
	members(...names: readonly string[]): (JsonText | undefined)[] {
		const found: (JsonText | undefined)[] = names.map(() => undefined);
		if (!this.isObject) return found;
		const bytes = this.#bytes;
		let at = skipSpace(bytes, this.start + 1);
		while (bytes[at] !== CLOSE_OBJECT) {
			const endOfName = endOfString(bytes, at);
			const index = names.indexOf(JSON.parse(decode(bytes, at, endOfName)));
			const value = this.#valueAt(afterColon(bytes, endOfName));
			if (index >= 0) found[index] = value;
			at = this.#next(value.end);
		}
		return found;
	}

	/** An array's elements, at most so many of them; none of anything else. */
	elements(limit: number): JsonText[] {
		const elements: JsonText[] = [];
		if (!this.isArray) return elements;
		let at = skipSpace(this.#bytes, this.start + 1);
		while (this.#bytes[at] !== CLOSE_ARRAY && elements.length < limit) {
			const element = this.#valueAt(at);
			elements.push(element);
			at = this.#next(element.end);
		}
		return elements;
	}

	#valueAt(at: number): JsonText {
		const start = skipSpace(this.#bytes, at);
		return new JsonText(this.#bytes, start, endOfValue(this.#bytes, start));
	}

	/** Past the comma, or at the closing bracket. */
	#next(end: number): number {
		const at = skipSpace(this.#bytes, end);
		return this.#bytes[at] === COMMA ? skipSpace(this.#bytes, at + 1) : at;
	}
}

/** Past the value that begins at `at`. No recursion: each bracket that is open is a bit, 1 for an object. */
function endOfValue(bytes: Uint8Array, at: number): number {
	let open = 0;
	let depth = 0;
	for (;;) {
		const byte = bytes[at];
		if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
			depth++;
			if (depth > DEPTH_LIMIT) throw new EncodingError("TooDeep", `expected at most ${DEPTH_LIMIT} levels, got more`);
			open = (open << 1) | (byte === OPEN_OBJECT ? 1 : 0);
			at = skipSpace(bytes, at + 1);
			if (bytes[at] !== closing(open)) {
				at = beforeValue(bytes, at, open);
				continue;
			}
		} else {
			at = endOfLeaf(bytes, at);
		}
		for (;;) {
			if (depth === 0) return at;
			at = skipSpace(bytes, at);
			if (bytes[at] === COMMA) break;
			if (bytes[at] !== closing(open)) throw malformed(bytes, at);
			at++;
			depth--;
			open >>= 1;
		}
		at = beforeValue(bytes, skipSpace(bytes, at + 1), open);
	}
}

function closing(open: number): number {
	return (open & 1) === 1 ? CLOSE_OBJECT : CLOSE_ARRAY;
}

/** Past the name and colon that a member begins with; an element begins with its value. */
function beforeValue(bytes: Uint8Array, at: number, open: number): number {
	return (open & 1) === 1 ? skipSpace(bytes, afterColon(bytes, endOfString(bytes, at))) : at;
}

function afterColon(bytes: Uint8Array, at: number): number {
	const colon = skipSpace(bytes, at);
	if (bytes[colon] !== COLON) throw malformed(bytes, colon);
	return colon + 1;
}

/** Past a string, number, `true`, `false` or `null`. */
function endOfLeaf(bytes: Uint8Array, at: number): number {
	if (bytes[at] === QUOTE) return endOfString(bytes, at);
	let end = at;
	while (end < bytes.length && isOfWord(bytes[end]!)) end++;
	const word = decode(bytes, at, end);
	const isNumber = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(word);
	if (!isNumber && word !== "true" && word !== "false" && word !== "null") throw malformed(bytes, at);
	return end;
}

/** Letters, digits and the signs of a number. */
function isOfWord(byte: number): boolean {
	const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
	return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e;
}

/** Past the string that begins at `at`. */
function endOfString(bytes: Uint8Array, at: number): number {
	if (bytes[at] !== QUOTE) throw malformed(bytes, at);
	for (let i = at + 1; i < bytes.length; i++) {
		const byte = bytes[i]!;
		if (byte === QUOTE) return i + 1;
		if (byte < 0x20) break;
		if (byte === BACKSLASH) i = lastOfEscape(bytes, i + 1);
	}
	throw malformed(bytes, at);
}

/** `at` is past the backslash. */
function lastOfEscape(bytes: Uint8Array, at: number): number {
	const letter = String.fromCharCode(bytes[at] ?? 0);
	if ('"\\/bfnrt'.includes(letter)) return at;
	if (letter !== "u" || !/^[0-9a-fA-F]{4}$/.test(decode(bytes, at + 1, at + 5))) throw malformed(bytes, at);
	return at + 4;
}

function skipSpace(bytes: Uint8Array, at: number): number {
	for (;;) {
		const byte = bytes[at];
		if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
		at++;
	}
}

function decode(bytes: Uint8Array, start: number, end: number): string {
	return new TextDecoder().decode(bytes.subarray(start, end));
}

function malformed(bytes: Uint8Array, at: number): EncodingError {
	const found = at < bytes.length ? JSON.stringify(decode(bytes, at, Math.min(at + 20, bytes.length))) : "the end";
	return new EncodingError("JsonMalformed", `expected JSON, got ${found} at byte ${at}`);
}
