/**
 * JSON (RFC 8259) in one form, so that both ends hash the same bytes: keys sorted by code point at every level, arrays
 * in order, no white space, characters beyond ASCII as they are. It is the form that AgentPMT hashes and that Python's
 * `json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=False)` writes.
 *
 * Numbers are integers, since two programs seldom print a fraction alike. The text is put together by hand: an object
 * built anew in sorted order would have its integer-like keys moved to the front by the engine.
 */
import { EncodingError } from "./errors.js";
import * as utf8 from "./utf8.js";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Arrays and objects within one another. Also what ends a value that contains itself. */
const MAXIMUM_DEPTH = 16;

/**
 * The canonical text of `value`. Throws `NotEncodable` for fractions, NaN, integers beyond 2^53 − 1, `undefined` and objects
 * that are not plain, `LoneSurrogate`, and `TooDeep` over 16 levels.
 */
export function encode(value: JsonValue): string {
	const parts: string[] = [];
	write(value, parts, 0);
	return parts.join("");
}

function write(value: JsonValue, parts: string[], depth: number): void {
	if (typeof value === "string") writeString(value, parts);
	else if (typeof value === "number" && Number.isSafeInteger(value)) parts.push(String(value));
	else if (typeof value === "boolean" || value === null) parts.push(String(value));
	else if (typeof value !== "object") throw notEncodable(typeof value === "number" ? String(value) : typeof value);
	else if (depth === MAXIMUM_DEPTH) {
		throw new EncodingError("TooDeep", `expected at most ${MAXIMUM_DEPTH} levels of arrays and objects, got more`);
	} else if (isArray(value)) writeArray(value, parts, depth + 1);
	else writeObject(value, parts, depth + 1);
}

function writeArray(items: readonly JsonValue[], parts: string[], depth: number): void {
	parts.push("[");
	for (let i = 0; i < items.length; i++) {
		if (i > 0) parts.push(",");
		write(items[i]!, parts, depth);
	}
	parts.push("]");
}

function writeObject(object: { readonly [key: string]: JsonValue }, parts: string[], depth: number): void {
	const prototype = Object.getPrototypeOf(object);
	if (prototype !== Object.prototype && prototype !== null) throw notEncodable("an object of a class");
	let separator = "{";
	for (const key of Object.keys(object).sort(compareCodePoints)) {
		parts.push(separator);
		writeString(key, parts);
		parts.push(":");
		write(object[key]!, parts, depth);
		separator = ",";
	}
	parts.push(separator === "{" ? "{}" : "}");
}

/** What JSON.stringify escapes in a string (RFC 8259 §7, the short forms, else lower-case \u00xx) is what Python does. */
function writeString(text: string, parts: string[]): void {
	utf8.encode(text); // refuses lone surrogates, which JSON.stringify would escape
	parts.push(JSON.stringify(text));
}

/** By code point, where JavaScript's own order is by UTF-16 unit: surrogates have to come after U+E000 … U+FFFF. */
function compareCodePoints(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
		if (difference !== 0) return difference;
	}
	return a.length - b.length;
}

function rank(unit: number): number {
	if (unit < 0xd800) return unit;
	return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
	return Array.isArray(value);
}

function notEncodable(got: string): EncodingError {
	return new EncodingError(
		"NotEncodable",
		`expected integers, strings, booleans, null, arrays and objects, got ${got}`,
	);
}
