/**
 * The atomic values of EIP-712, and `bytes` and `string`: `encodeData` of each is one word of 32 bytes. A value is accepted
 * only in its type's form:
 *
 * | type | value | word |
 * |---|---|---|
 * | `bool` | boolean | 0 or 1 |
 * | `address` | `0x` and 40 digits (a checksum has to be right, EIP-55), or 20 bytes | at the end |
 * | `bytes1` … `bytes32` | `0x` and digits, or bytes; exactly as many as the type says | at the beginning |
 * | `uint8` … `uint256` | decimal or `0x` string, safe integer, or bigint; within the type's range | big-endian |
 * | `int8` … `int256` | the same, with `-` for negative ones | two's complement, the sign extended |
 * | `bytes` | `0x` and digits, or bytes | keccak256 |
 * | `string` | string of whole Unicode characters | keccak256 of its UTF-8 |
 */
import * as hex from "../encoding/hex.js";
import * as uint256 from "../encoding/uint256.js";
import * as utf8 from "../encoding/utf8.js";
import { parseAddress } from "./address.js";
import { widthOf } from "./eip712_types.js";
import { TypedDataError } from "./errors.js";
import type { Hashes } from "./signer.js";

const WORD = 32;

/**
 * Encodes one value (`encodeData`) into its word, which holds zeros. `encodeType` has checked that the type is one of the
 * above. Throws `TypedDataError`.
 */
export function encodeAtom(hashes: Hashes, type: string, value: unknown, word: Uint8Array): void {
	if (type === "bool") {
		if (typeof value !== "boolean") throw mismatch("a boolean", value);
		word[WORD - 1] = value ? 1 : 0;
	} else if (type === "address") word.set(address(hashes, value), WORD - 20);
	else if (type === "string") word.set(hashes.keccak256(text(value)));
	else if (type === "bytes") word.set(hashes.keccak256(bytes(value)));
	else word.set(sized(type, value));
}

/** Creates the error for a value whose JavaScript type does not fit. */
export function mismatch(expected: string, value: unknown): TypedDataError {
	return new TypedDataError("ValueType", `expected ${expected}, got ${value === null ? "null" : typeof value}`);
}

function sized(type: string, value: unknown): Uint8Array {
	const size = widthOf(type, "bytes", 1, 32);
	if (size > 0) {
		const found = bytes(value);
		if (found.length === size) return found;
		throw new TypedDataError("BytesLength", `expected ${size} bytes, got ${found.length}`);
	}
	const unsigned = widthOf(type, "uint", 8, 256);
	const word = unsigned > 0 ? unsignedInteger(unsigned, value) : signedInteger(widthOf(type, "int", 8, 256), value);
	if (word === undefined) throw new TypedDataError("IntegerRange", `expected an integer within ${type}, got ${value}`);
	return word;
}

function address(hashes: Hashes, value: unknown): Uint8Array {
	if (value instanceof Uint8Array && value.length === 20) return value;
	if (typeof value !== "string") throw mismatch("an address", value);
	try {
		return parseAddress(hashes, value);
	} catch (error) {
		throw new TypedDataError("AddressInvalid", (error as Error).message);
	}
}

function text(value: unknown): Uint8Array {
	if (typeof value !== "string") throw mismatch("a string", value);
	try {
		return utf8.encode(value);
	} catch (error) {
		throw new TypedDataError("TextFormat", (error as Error).message);
	}
}

function bytes(value: unknown): Uint8Array {
	if (value instanceof Uint8Array) return value;
	if (typeof value !== "string") throw mismatch("bytes", value);
	if (!value.startsWith("0x")) {
		throw new TypedDataError("BytesFormat", "expected 0x and hexadecimal digits, got no 0x");
	}
	try {
		return hex.decode(value);
	} catch (error) {
		throw new TypedDataError("BytesFormat", (error as Error).message);
	}
}

/** Returns `undefined` if the value is out of range. */
function unsignedInteger(width: number, value: unknown): Uint8Array | undefined {
	const digits = integerText(value);
	if (digits.startsWith("-")) return undefined;
	const word = magnitude(digits);
	return fits(word, width) ? word : undefined;
}

/** Encodes in two's complement, sign-extended to the whole word: −m is the complement of m − 1. */
function signedInteger(width: number, value: unknown): Uint8Array | undefined {
	const digits = integerText(value);
	if (!digits.startsWith("-")) return unsignedInteger(width - 1, digits);
	const absolute = magnitude(digits.slice(1));
	if (uint256.isZero(absolute)) throw new TypedDataError("IntegerFormat", "expected 0 without a sign, got -0");
	const word = uint256.subtract(absolute, uint256.fromNumber(1));
	if (!fits(word, width - 1)) return undefined;
	for (let i = 0; i < WORD; i++) word[i] = ~word[i]!;
	return word;
}

/** Returns the integer as text; refuses a number that is not a safe integer. */
function integerText(value: unknown): string {
	if (typeof value === "string") return value;
	if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))) return String(value);
	if (typeof value !== "number") throw mismatch("an integer", value);
	throw new TypedDataError("IntegerFormat", `expected a safe integer, got ${value}: greater ones are decimal strings`);
}

function magnitude(digits: string): uint256.Uint256 {
	try {
		if (!digits.startsWith("0x")) return uint256.fromDecimal(digits);
		const found = hex.decode(digits.length % 2 === 0 ? digits : `0x0${digits.slice(2)}`, WORD);
		if (found.length > 0) {
			const word = new Uint8Array(WORD);
			word.set(found, WORD - found.length);
			return word;
		}
	} catch (error) {
		const { name, message } = error as Error;
		throw new TypedDataError(name === "Overflow" || name === "TooLong" ? "IntegerRange" : "IntegerFormat", message);
	}
	throw new TypedDataError("IntegerFormat", "expected digits after 0x, got none");
}

/** True if an unsigned integer is below 2^bits. */
function fits(value: uint256.Uint256, bits: number): boolean {
	const whole = WORD - 1 - (bits >> 3);
	for (let i = 0; i < whole; i++) {
		if (value[i] !== 0) return false;
	}
	return whole < 0 || value[whole]! >> (bits & 7) === 0;
}
