/**
 * Reads JSON (RFC 8259) without building objects: a value is a piece of the text, which is checked once as a whole; its
 * members and elements are smaller pieces. An echo is therefore exact to the byte, and a stranger's JSON costs a device
 * no more than its bytes. `JSON.parse` would cost more: XS keeps each new member name for as long as it runs, and it
 * recurses into brackets.
 *
 * The readers of this folder, from the one that needs least memory:
 *
 * | reader | input | result | for |
 * |---|---|---|---|
 * | `items` (`items.ts`) | a body, in pieces | elements of one array, one by one | lists of any length |
 * | `fields` (`items.ts`) | a body, in pieces | named members of one object | one answer of any length |
 * | `readJson` (`text.ts`) | a whole text | a `JsonText` | text to echo, or to read member by member |
 * | `pick` (`pick.ts`) | a `JsonText` | plain objects with named members | the only way to objects |
 * | `canonical.ts` | plain values | text | text to hash or sign |
 *
 * `scanner.ts`, `buffer.ts` and `object.ts` are their parts. Text that the owner wrote goes through `JSON.parse`.
 */
import { EncodingError } from "../errors.js";
import * as utf8 from "../utf8.js";
import {
	BACKSLASH,
	CLOSE_ARRAY,
	CLOSE_OBJECT,
	COLON,
	COMMA,
	isBlank,
	OPEN_ARRAY,
	OPEN_OBJECT,
	QUOTE,
	Scanner,
	skipBlanks,
} from "./scanner.js";

/** The deepest nesting of arrays and objects. */
const DEPTH_LIMIT = 16;
/** A leaf of more bytes is checked byte by byte; a shorter one by the engine, which is faster and builds it. */
const LONG_LEAF = 256;
/** Bytes of a member's name that are compared; a longer name matches nothing. */
const NAME_LIMIT = 256;
const LETTER_U = 0x75;
/** Characters that may follow a backslash, except `u`. */
const ESCAPED = '"\\/bfnrt';

/**
 * Reads one JSON text. Throws `EncodingError` `JsonMalformed`, `TooDeep` over `levels`, which are 16 if not given.
 * @example
 * readJson('{"a":[1,2]}').members("a")[0]?.text; // "[1,2]"
 */
export function readJson(text: string, levels = DEPTH_LIMIT): JsonText {
	return readJsonBytes(new TextEncoder().encode(text), levels);
}

/** Reads UTF-8, which the result keeps. Throws `EncodingError` as `readJson` does, `TooDeep` over `levels`. */
export function readJsonBytes(bytes: Uint8Array, levels = DEPTH_LIMIT): JsonText {
	const start = skipBlanks(bytes, 0);
	const end = check(bytes, start, levels);
	if (skipBlanks(bytes, end) !== bytes.length) throw malformed(bytes, end);
	return new JsonText(bytes, start, end);
}

/** A value within a checked text. */
export class JsonText {
	readonly #bytes: Uint8Array;
	/** Offsets of its beginning and end in the UTF-8 of the whole text. */
	readonly start: number;
	readonly end: number;

	/** There may be blanks before `end`. */
	constructor(bytes: Uint8Array, start: number, end: number) {
		while (isBlank(bytes[end - 1])) end--;
		this.#bytes = bytes;
		this.start = start;
		this.end = end;
	}

	/** The text as written. */
	get text(): string {
		return utf8.decode(this.#bytes.subarray(this.start, this.end));
	}

	/** The UTF-8 of the text: a view. */
	get bytes(): Uint8Array {
		return this.#bytes.subarray(this.start, this.end);
	}

	/** Returns the beginning of the text: about `limit` bytes, whole characters. */
	prefix(limit: number): string {
		let end = Math.min(this.end, this.start + limit);
		while (end < this.end && isContinuation(this.#bytes[end])) end--;
		return utf8.decode(this.#bytes.subarray(this.start, end));
	}

	/** Returns the beginning of a string's value, from about `limit` bytes of its text; "" for any other value. */
	stringPrefix(limit: number): string {
		const bytes = this.#bytes;
		if (bytes[this.start] !== QUOTE) return "";
		let end = this.start + 1;
		while (bytes[end] !== QUOTE && end - this.start < limit) {
			end += bytes[end] !== BACKSLASH ? 1 : bytes[end + 1] === LETTER_U ? 6 : 2;
			while (isContinuation(bytes[end])) end++;
		}
		return JSON.parse(`${utf8.decode(bytes.subarray(this.start, end))}"`);
	}

	get isObject(): boolean {
		return this.#bytes[this.start] === OPEN_OBJECT;
	}

	/** True for an object without members. */
	get isEmpty(): boolean {
		return this.isObject && this.#bytes[skipBlanks(this.#bytes, this.start + 1)] === CLOSE_OBJECT;
	}

	get isArray(): boolean {
		return this.#bytes[this.start] === OPEN_ARRAY;
	}

	/** The value of a string, number, boolean or null; `undefined` for an object or array. */
	get leaf(): string | number | boolean | null | undefined {
		return this.isObject || this.isArray ? undefined : JSON.parse(this.text);
	}

	/**
	 * Returns the members of an object with these names, in the order of `names`; the last of a repeated name, as `JSON.parse`
	 * does.
	 */
	members(...names: readonly string[]): (JsonText | undefined)[] {
		const found: (JsonText | undefined)[] = names.map(() => undefined);
		if (!this.isObject) return found;
		const bytes = this.#bytes;
		const scanner = new Scanner();
		let at = skipBlanks(bytes, this.start + 1);
		while (bytes[at] !== CLOSE_OBJECT) {
			const colon = scanner.end(bytes, at);
			const isLong = colon - at > NAME_LIMIT;
			const index = isLong ? -1 : names.indexOf(JSON.parse(utf8.decode(bytes.subarray(at, colon))));
			const start = skipBlanks(bytes, colon + 1);
			const end = scanner.end(bytes, start);
			if (index >= 0) found[index] = new JsonText(bytes, start, end);
			at = next(bytes, end);
		}
		return found;
	}

	/** Returns the first elements of an array, at most `limit`; none for any other value. */
	elements(limit: number): JsonText[] {
		const elements: JsonText[] = [];
		for (const element of this.each()) {
			if (elements.length === limit) break;
			elements.push(element);
		}
		return elements;
	}

	/** Yields the elements of an array, one at a time; none for any other value. */
	*each(): Generator<JsonText> {
		if (!this.isArray) return;
		const bytes = this.#bytes;
		const scanner = new Scanner();
		let at = skipBlanks(bytes, this.start + 1);
		while (bytes[at] !== CLOSE_ARRAY) {
			const end = scanner.end(bytes, at);
			yield new JsonText(bytes, at, end);
			at = next(bytes, end);
		}
	}
}

/** True if a byte continues a character (RFC 3629 §3). */
function isContinuation(byte: number | undefined): boolean {
	return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Returns the index after the comma, or of the closing bracket. */
function next(bytes: Uint8Array, at: number): number {
	return bytes[at] === COMMA ? skipBlanks(bytes, at + 1) : at;
}

/** Returns the index after the value that begins at `at`. No recursion: `isObject` says of each open bracket which it is. */
function check(bytes: Uint8Array, at: number, levels: number): number {
	const scanner = new Scanner();
	const isObject = new Uint8Array(levels + 1);
	let depth = 0;
	for (;;) {
		const byte = bytes[at];
		if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
			depth++;
			if (depth > levels) throw new EncodingError("TooDeep", `expected at most ${levels} levels, got more`);
			isObject[depth] = byte === OPEN_OBJECT ? 1 : 0;
			at = skipBlanks(bytes, at + 1);
			if (bytes[at] !== closing(isObject[depth])) {
				at = beforeValue(scanner, bytes, at, isObject[depth]);
				continue;
			}
		} else {
			at = checkLeaf(scanner, bytes, at);
		}
		for (;;) {
			if (depth === 0) return at;
			at = skipBlanks(bytes, at);
			if (bytes[at] === COMMA) break;
			if (bytes[at] !== closing(isObject[depth])) throw malformed(bytes, at);
			at++;
			depth--;
		}
		at = beforeValue(scanner, bytes, skipBlanks(bytes, at + 1), isObject[depth]);
	}
}

function closing(isObject: number | undefined): number {
	return isObject === 1 ? CLOSE_OBJECT : CLOSE_ARRAY;
}

/** Skips the name and colon of a member; an element has neither. */
function beforeValue(scanner: Scanner, bytes: Uint8Array, at: number, isObject: number | undefined): number {
	if (isObject !== 1) return at;
	if (bytes[at] !== QUOTE) throw malformed(bytes, at);
	const colon = checkLeaf(scanner, bytes, at);
	if (bytes[colon] !== COLON) throw malformed(bytes, colon);
	return skipBlanks(bytes, colon + 1);
}

/** Returns the index after a string, number, `true`, `false` or `null`, as the engine parses it. */
function checkLeaf(scanner: Scanner, bytes: Uint8Array, at: number): number {
	const end = scanner.end(bytes, at);
	let last = end;
	while (last > at && isBlank(bytes[last - 1])) last--;
	if (last - at > LONG_LEAF) {
		// No number or literal is that long.
		if (bytes[at] !== QUOTE || !isString(bytes, at, last)) throw malformed(bytes, at);
		return end;
	}
	try {
		JSON.parse(utf8.decode(bytes.subarray(at, last)));
	} catch {
		throw malformed(bytes, at);
	}
	return end;
}

/** True if the bytes from `at` to `end` are exactly one string (RFC 8259 §7). Builds nothing. */
function isString(bytes: Uint8Array, at: number, end: number): boolean {
	let i = at + 1;
	while (i < end && bytes[i] !== QUOTE) {
		const c = bytes[i++]!;
		if (c < 0x20) return false;
		if (c !== BACKSLASH) continue;
		const escaped = bytes[i++]!;
		if (escaped === LETTER_U) {
			for (const last = i + 4; i < last; i++) if (!isHexDigit(bytes[i]!)) return false;
		} else if (!ESCAPED.includes(String.fromCharCode(escaped))) return false;
	}
	return i === end - 1 && utf8.isUtf8(bytes.subarray(at, end));
}

function isHexDigit(byte: number): boolean {
	return (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

function malformed(bytes: Uint8Array, at: number): EncodingError {
	const text = new TextDecoder().decode(bytes.subarray(at, at + 20));
	return new EncodingError(
		"JsonMalformed",
		`expected JSON, got ${text === "" ? "the end" : JSON.stringify(text)} at byte ${at}`,
	);
}
