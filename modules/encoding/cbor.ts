/**
 * CBOR (RFC 8949) in its core deterministic encoding (§4.2.1), limited to the types that records need: integers within ±(2^53
 * − 1), byte strings, text, arrays, maps with integer or text keys, booleans and null. Every value has one encoding: shortest
 * lengths, definite lengths only, keys in the bytewise order of their encodings. The decoder accepts exactly what the encoder
 * writes, so equal bytes mean equal values.
 *
 * Maps are JavaScript Maps: their keys keep their type and their order, and cannot collide with a prototype.
 */
import { EncodingError } from "./errors.js";
import * as utf8 from "./utf8.js";

export type CborKey = number | string;
export type CborMap = ReadonlyMap<CborKey, CborValue>;
export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[] | CborMap;

/**
 * Levels of nested arrays and maps: as many as fit on XS's stack of 512 slots beside its other use, at some 30 slots a level.
 * The limit also stops a value that contains itself.
 */
const MAXIMUM_DEPTH = 4;
/** Bytes of one encoded value: a record must fit into one entry of flash. */
const MAXIMUM_BYTES = 4096;

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;

/**
 * Encodes `value`. Throws `NotEncodable` for a value or key of any other type (such as a fraction), `LoneSurrogate`,
 * `TooDeep` over 4 levels and `TooLong` over 4,096 bytes.
 */
export function encode(value: CborValue): Uint8Array<ArrayBuffer> {
	const writer = new Writer();
	writer.value(value, 0);
	return writer.result();
}

/**
 * Decodes `bytes`. Byte strings in the result are copies. Throws `CborTruncated`, `CborTrailingBytes`, `CborNotShortest`,
 * `CborKeyOrder` (also for a repeated key), `CborKeyType`, `CborNumberRange` (beyond 2^53 − 1), `CborUnsupported` (floats,
 * tags, indefinite lengths, undefined, other simple values), `NotUtf8`, `TooDeep`, `TooLong`.
 */
export function decode(bytes: Uint8Array): CborValue {
	if (bytes.length > MAXIMUM_BYTES) throw tooLong(bytes.length);
	const reader = new Reader(bytes);
	const value = reader.value(0);
	if (reader.at < bytes.length) {
		throw new EncodingError("CborTrailingBytes", `expected the end after ${reader.at} bytes, got ${bytes.length}`);
	}
	return value;
}

class Writer {
	#buffer = new Uint8Array(128);
	#length = 0;

	result(): Uint8Array<ArrayBuffer> {
		return this.#buffer.slice(0, this.#length);
	}

	value(value: CborValue, depth: number): void {
		if (typeof value === "number") this.#integer(value);
		else if (typeof value === "string") this.#string(TEXT, utf8.encode(value));
		else if (typeof value === "boolean") this.#byte(value ? TRUE : FALSE);
		else if (value === null) this.#byte(NULL);
		else if (value instanceof Uint8Array) this.#string(BYTES, value);
		else if (depth === MAXIMUM_DEPTH) throw tooDeep();
		else if (Array.isArray(value)) {
			this.#head(ARRAY, value.length);
			for (let i = 0; i < value.length; i++) this.value(value[i], depth + 1);
		} else if (value instanceof Map) {
			this.#head(MAP, value.size);
			const keys = [...value.keys()];
			// Records are written in order, so sorting is rarely needed.
			if (!areInOrder(keys)) keys.sort(compareKeys);
			for (let i = 0; i < keys.length; i++) {
				this.#key(keys[i]);
				this.value(value.get(keys[i]), depth + 1);
			}
		} else throw notEncodable(value);
	}

	#key(key: unknown): void {
		if (typeof key === "number") this.#integer(key);
		else if (typeof key === "string") this.#string(TEXT, utf8.encode(key));
		else throw notEncodable(key);
	}

	#integer(value: number): void {
		if (!Number.isSafeInteger(value)) throw notEncodable(value);
		if (value < 0) this.#head(NEGATIVE, -1 - value);
		else this.#head(UNSIGNED, value);
	}

	#string(type: number, bytes: Uint8Array): void {
		this.#head(type, bytes.length);
		this.#reserve(bytes.length);
		this.#buffer.set(bytes, this.#length);
		this.#length += bytes.length;
	}

	/** Writes a major type and its argument in the fewest bytes (§3). */
	#head(type: number, argument: number): void {
		type <<= 5;
		if (argument < 24) {
			this.#byte(type | argument);
			return;
		}
		const size = argument < 0x100 ? 1 : argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
		this.#byte(type | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27));
		this.#reserve(size);
		this.#length += size;
		for (let i = 1; i <= size; i++) {
			this.#buffer[this.#length - i] = argument % 256;
			argument = Math.floor(argument / 256);
		}
	}

	#byte(byte: number): void {
		this.#reserve(1);
		this.#buffer[this.#length++] = byte;
	}

	#reserve(count: number): void {
		const needed = this.#length + count;
		if (needed > MAXIMUM_BYTES) throw tooLong(needed);
		if (needed <= this.#buffer.length) return;
		const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#buffer.length, MAXIMUM_BYTES)));
		larger.set(this.#buffer.subarray(0, this.#length));
		this.#buffer = larger;
	}
}

class Reader {
	at = 0;
	readonly #bytes: Uint8Array;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	value(depth: number): CborValue {
		const initial = this.#byte();
		if (initial === FALSE) return false;
		if (initial === TRUE) return true;
		if (initial === NULL) return null;
		const type = initial >> 5;
		if (type > MAP) throw unsupported(initial);
		const argument = this.#argument(initial);
		if (type === UNSIGNED) return argument;
		if (type === NEGATIVE) return -1 - argument;
		if (type === BYTES) return this.#take(argument).slice();
		if (type === TEXT) return utf8.decode(this.#take(argument));
		if (depth === MAXIMUM_DEPTH) throw tooDeep();
		// Whatever count is claimed, a missing item ends the loop.
		if (type === ARRAY) {
			const items: CborValue[] = [];
			for (let i = 0; i < argument; i++) items.push(this.value(depth + 1));
			return items;
		}
		const map = new Map<CborKey, CborValue>();
		let previous: CborKey | undefined;
		for (let i = 0; i < argument; i++) {
			previous = this.#key(previous);
			map.set(previous, this.value(depth + 1));
		}
		return map;
	}

	/** Reads the next key of a map, which must follow the previous one. */
	#key(previous: CborKey | undefined): CborKey {
		// At the end of the bytes any type will do: reading the value reports that it is missing.
		const type = this.#left() > 0 ? this.#bytes[this.at]! >> 5 : TEXT;
		if (type !== UNSIGNED && type !== NEGATIVE && type !== TEXT) {
			throw new EncodingError("CborKeyType", "expected an integer or text as a key of a map, got something else");
		}
		const key = this.value(MAXIMUM_DEPTH) as CborKey;
		if (previous !== undefined && compareKeys(previous, key) >= 0) {
			throw new EncodingError("CborKeyOrder", "expected keys once each and in their bytewise order");
		}
		return key;
	}

	/** Reads the argument after an initial byte, in its shortest form only (§4.2.1). */
	#argument(initial: number): number {
		const info = initial & 31;
		if (info < 24) return info;
		if (info > 27) throw unsupported(initial);
		const size = 1 << (info - 24);
		const bytes = this.#take(size);
		let argument = 0;
		for (let i = 0; i < size; i++) argument = argument * 256 + bytes[i]!;
		const least = size === 1 ? 24 : 256 ** (size / 2);
		if (argument < least)
			throw new EncodingError("CborNotShortest", `expected ${argument} in fewer than ${size} bytes`);
		// −1 − argument must be safe too; a rounded float lies beyond the bound as well.
		const greatest = initial >> 5 === NEGATIVE ? Number.MAX_SAFE_INTEGER - 1 : Number.MAX_SAFE_INTEGER;
		if (argument > greatest) throw new EncodingError("CborNumberRange", "expected an integer within 2^53 - 1 of zero");
		return argument;
	}

	#byte(): number {
		if (this.at === this.#bytes.length) throw truncated(1);
		return this.#bytes[this.at++]!;
	}

	/** Returns a view of the next `count` bytes. */
	#take(count: number): Uint8Array {
		if (count > this.#left()) throw truncated(count);
		this.at += count;
		return this.#bytes.subarray(this.at - count, this.at);
	}

	#left(): number {
		return this.#bytes.length - this.at;
	}
}

function areInOrder(keys: readonly CborKey[]): boolean {
	for (let i = 1; i < keys.length; i++) if (compareKeys(keys[i - 1]!, keys[i]!) >= 0) return false;
	return true;
}

/** Compares keys by the bytewise order of their encodings: 0, 1, 2 …, −1, −2 …, then text, the shorter first. */
function compareKeys(a: CborKey, b: CborKey): number {
	if (typeof a === "number") {
		if (typeof b !== "number") return -1;
		if (a < 0 !== b < 0) return a < 0 ? 1 : -1;
		return a < 0 ? b - a : a - b;
	}
	if (typeof b === "number") return 1;
	if (a === b) return 0;
	const left = new TextEncoder().encode(a);
	const right = new TextEncoder().encode(b);
	let difference = left.length - right.length;
	for (let i = 0; i < left.length && difference === 0; i++) difference = left[i]! - right[i]!;
	return difference;
}

function notEncodable(value: unknown): EncodingError {
	const got = typeof value === "number" ? String(value) : typeof value;
	return new EncodingError(
		"NotEncodable",
		`expected a safe integer, bytes, text, array, Map, boolean or null, got ${got}`,
	);
}

function unsupported(initial: number): EncodingError {
	return new EncodingError("CborUnsupported", `expected a type of this subset, got initial byte ${initial}`);
}

function truncated(count: number): EncodingError {
	return new EncodingError("CborTruncated", `expected ${count} more bytes, got the end`);
}

function tooDeep(): EncodingError {
	return new EncodingError("TooDeep", `expected at most ${MAXIMUM_DEPTH} levels of arrays and maps, got more`);
}

function tooLong(length: number): EncodingError {
	return new EncodingError("TooLong", `expected at most ${MAXIMUM_BYTES} bytes, got ${length}`);
}
