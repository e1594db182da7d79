/**
 * JSON (RFC 8259) read without building what it describes: a value is a piece of the text, checked whole, of which members
 * and elements are smaller pieces. What is echoed is echoed byte for byte. And a stranger's JSON costs a device nothing
 * but its bytes: JavaScript engines for microcontrollers keep each new name of a member for as long as they run, recurse
 * into brackets, and end when either is too much.
 */
import { EncodingError } from "../errors.js";
import * as utf8 from "../utf8.js";
import {
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

/** Arrays and objects within one another. */
const DEPTH_LIMIT = 16;

/**
 * Reads one JSON text. Throws `EncodingError` `JsonMalformed`, `TooDeep` over 16 levels.
 * @example
 * readJson('{"a":[1,2]}').members("a")[0]?.text; // "[1,2]"
 */
export function readJson(text: string): JsonText {
	return readJsonBytes(new TextEncoder().encode(text));
}

/** The like of UTF-8, which belongs to what is returned. Throws `EncodingError` as `readJson` does, `TooDeep` over `levels`. */
export function readJsonBytes(bytes: Uint8Array, levels = DEPTH_LIMIT): JsonText {
	const start = skipBlanks(bytes, 0);
	const end = check(bytes, start, levels);
	if (skipBlanks(bytes, end) !== bytes.length) throw malformed(bytes, end);
	return new JsonText(bytes, start, end);
}

/** A value in a text that has been checked. */
export class JsonText {
	readonly #bytes: Uint8Array;
	/** Where it begins and ends in the UTF-8 of the whole text. */
	readonly start: number;
	readonly end: number;

	/** There may be blanks before `end`. */
	constructor(bytes: Uint8Array, start: number, end: number) {
		while (isBlank(bytes[end - 1])) end--;
		this.#bytes = bytes;
		this.start = start;
		this.end = end;
	}

	/** As it was written. */
	get text(): string {
		return utf8.decode(this.#bytes.subarray(this.start, this.end));
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
		const scanner = new Scanner();
		let at = skipBlanks(bytes, this.start + 1);
		while (bytes[at] !== CLOSE_OBJECT) {
			const colon = scanner.end(bytes, at);
			const index = names.indexOf(JSON.parse(utf8.decode(bytes.subarray(at, colon))));
			const start = skipBlanks(bytes, colon + 1);
			const end = scanner.end(bytes, start);
			if (index >= 0) found[index] = new JsonText(bytes, start, end);
			at = next(bytes, end);
		}
		return found;
	}

	/** An array's elements, at most so many of them; none of anything else. */
	elements(limit: number): JsonText[] {
		const elements: JsonText[] = [];
		if (!this.isArray) return elements;
		const bytes = this.#bytes;
		const scanner = new Scanner();
		let at = skipBlanks(bytes, this.start + 1);
		while (bytes[at] !== CLOSE_ARRAY && elements.length < limit) {
			const end = scanner.end(bytes, at);
			elements.push(new JsonText(bytes, at, end));
			at = next(bytes, end);
		}
		return elements;
	}
}

/** Past the comma, or at the closing bracket. */
function next(bytes: Uint8Array, at: number): number {
	return bytes[at] === COMMA ? skipBlanks(bytes, at + 1) : at;
}

/** Past the value that begins at `at`. No recursion: each bracket that is open is a bit, 1 for an object. */
function check(bytes: Uint8Array, at: number, levels: number): number {
	const scanner = new Scanner();
	let open = 0;
	let depth = 0;
	for (;;) {
		const byte = bytes[at];
		if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
			depth++;
			if (depth > levels) throw new EncodingError("TooDeep", `expected at most ${levels} levels, got more`);
			open = (open << 1) | (byte === OPEN_OBJECT ? 1 : 0);
			at = skipBlanks(bytes, at + 1);
			if (bytes[at] !== closing(open)) {
				at = beforeValue(scanner, bytes, at, open);
				continue;
			}
		} else {
			at = checkLeaf(scanner, bytes, at);
		}
		for (;;) {
			if (depth === 0) return at;
			at = skipBlanks(bytes, at);
			if (bytes[at] === COMMA) break;
			if (bytes[at] !== closing(open)) throw malformed(bytes, at);
			at++;
			depth--;
			open >>= 1;
		}
		at = beforeValue(scanner, bytes, skipBlanks(bytes, at + 1), open);
	}
}

function closing(open: number): number {
	return (open & 1) === 1 ? CLOSE_OBJECT : CLOSE_ARRAY;
}

/** Past the name and colon that a member begins with; an element begins with its value. */
function beforeValue(scanner: Scanner, bytes: Uint8Array, at: number, open: number): number {
	if ((open & 1) === 0) return at;
	if (bytes[at] !== QUOTE) throw malformed(bytes, at);
	const colon = checkLeaf(scanner, bytes, at);
	if (bytes[colon] !== COLON) throw malformed(bytes, colon);
	return skipBlanks(bytes, colon + 1);
}

/** Past a string, number, `true`, `false` or `null`: what the engine takes for one, and nothing that it would build. */
function checkLeaf(scanner: Scanner, bytes: Uint8Array, at: number): number {
	const end = scanner.end(bytes, at);
	try {
		JSON.parse(utf8.decode(bytes.subarray(at, end)));
	} catch {
		throw malformed(bytes, at);
	}
	return end;
}

function malformed(bytes: Uint8Array, at: number): EncodingError {
	const text = new TextDecoder().decode(bytes.subarray(at, at + 20));
	return new EncodingError(
		"JsonMalformed",
		`expected JSON, got ${text === "" ? "the end" : JSON.stringify(text)} at byte ${at}`,
	);
}
