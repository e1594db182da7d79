/**
 * Canonical JSON (RFC 8259), so that both ends hash the same bytes: keys sorted by code point at every level, arrays in
 * order, no white space, characters beyond ASCII unescaped, numbers as ECMAScript's Number::toString writes them (ECMA-262
 * §6.1.6.1.20), like JSON.stringify. AgentPMT hashes this form. Python's `json.dumps(sort_keys=True, separators=(",", ":"),
 * ensure_ascii=False)` writes the same, except for fractions with small exponents such as 1e-7.
 *
 * The text is built by hand: in an object with sorted keys the engine would move integer-like keys to the front.
 */
import { EncodingError } from "../errors.js";
import * as utf8 from "../utf8.js";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Fewer digits cannot be a tie. */
const TIE_LENGTH = 17;
/**
 * Levels of nested arrays and objects: as many as fit on XS's stack of 512 slots. The limit also stops a value that contains
 * itself.
 */
const MAXIMUM_DEPTH = 8;

/**
 * Encodes `value`. Throws `NotEncodable` for NaN, infinities, integers beyond 2^53 − 1 (which a double has rounded),
 * `undefined` and objects that are not plain, `LoneSurrogate`, and `TooDeep` over 8 levels.
 */
export function encode(value: JsonValue): string {
	const parts: string[] = [];
	write(value, parts, 0);
	return parts.join("");
}

/** One function for all types, without iterators, which keeps each level of recursion as small as possible on XS's stack. */
function write(value: unknown, parts: string[], depth: number): void {
	if (typeof value === "string") {
		writeString(value, parts);
		return;
	}
	if (typeof value === "boolean" || value === null || Number.isSafeInteger(value)) {
		parts.push(String(value));
		return;
	}
	if (Number.isFinite(value) && !Number.isInteger(value)) {
		parts.push(fractionText(value as number));
		return;
	}
	if (typeof value !== "object") throw notEncodable(typeof value === "number" ? String(value) : typeof value);
	if (depth === MAXIMUM_DEPTH) {
		throw new EncodingError("TooDeep", `expected at most ${MAXIMUM_DEPTH} levels of arrays and objects, got more`);
	}
	if (Array.isArray(value)) {
		parts.push("[");
		for (let i = 0; i < value.length; i++) {
			if (i > 0) parts.push(",");
			write(value[i], parts, depth + 1);
		}
		parts.push("]");
		return;
	}
	const keys = sortedKeys(value);
	parts.push("{");
	for (let i = 0; i < keys.length; i++) {
		if (i > 0) parts.push(",");
		writeString(keys[i]!, parts);
		parts.push(":");
		write((value as Record<string, unknown>)[keys[i]!], parts, depth + 1);
	}
	parts.push("}");
}

/**
 * Returns the shortest digits that read back as `value`. If two such numbers are equally close, ECMAScript's engines take the
 * even one, and XS the larger one: 1/2^25 is 2.98023223876953125e-8, written as …312e-8.
 */
function fractionText(value: number): string {
	const text = String(value);
	const exponent = text.indexOf("e");
	const end = exponent < 0 ? text.length : exponent;
	if (end < TIE_LENGTH) return text;
	const last = text.charCodeAt(end - 1);
	if (last % 2 === 0 || !isTie(value, text.slice(0, end))) return text;
	return text.slice(0, end - 1) + String.fromCharCode(last - 1) + text.slice(end);
}

/** True if `value` is half a unit away from the last of `digits`: one more digit is a 5, and all that follow are zeros. */
function isTie(value: number, digits: string): boolean {
	const count = digits.replace(/^[-0.]*|\./g, "").length;
	return /5(0{10})e/.test(value.toExponential(count + 10));
}

function sortedKeys(object: object): string[] {
	const prototype = Object.getPrototypeOf(object);
	if (prototype !== Object.prototype && prototype !== null) throw notEncodable("an object of a class");
	return Object.keys(object).sort(compareCodePoints);
}

/**
 * Writes a string with the escapes of JSON.stringify (RFC 8259 §7, the short forms, else lower-case \u00xx), which Python
 * writes too.
 */
function writeString(text: string, parts: string[]): void {
	utf8.encode(text); // refuses lone surrogates, which JSON.stringify would escape
	parts.push(JSON.stringify(text));
}

/** Compares by code point, unlike JavaScript's order by UTF-16 unit: surrogates must come after U+E000 … U+FFFF. */
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

function notEncodable(got: string): EncodingError {
	return new EncodingError(
		"NotEncodable",
		`expected finite numbers, strings, booleans, null, arrays and objects, got ${got}`,
	);
}
