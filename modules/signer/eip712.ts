/**
 * EIP-712: hashing and signing of typed structured data. All of it: nested structs, arrays (fixed, dynamic, of arrays),
 * every atomic type, recursive types, and a domain of any of the five fields. The types are those of `eip712_types.ts`.
 *
 * A value is taken only in the form that its type asks for:
 *
 * | type | value |
 * |---|---|
 * | `bool` | boolean |
 * | `string` | string of whole Unicode characters |
 * | `address` | `0x` and 40 digits (a checksum has to be right, EIP-55), or 20 bytes |
 * | `bytes`, `bytes1` … `bytes32` | `0x` and digits, or bytes; exactly as many as the type says |
 * | `uint8` … `uint256`, `int8` … `int256` | decimal or `0x` string, safe integer, or bigint; within the type's range |
 * | struct | object with exactly the struct's members; one that is `undefined` counts as missing |
 * | array | array of exactly the length that the type says, if it says one |
 *
 * Each struct and each array is one buffer that is filled and hashed.
 */
import * as hex from "../encoding/hex.js";
import * as uint256 from "../encoding/uint256.js";
import * as utf8 from "../encoding/utf8.js";
import { parseAddress } from "./address.js";
import {
	arrayLength,
	elementType,
	encodeType,
	fieldsOf,
	type TypedDataField,
	type TypedDataTypes,
	unknownType,
	widthOf,
} from "./eip712_types.js";
import { TypedDataError } from "./errors.js";
import type { Hashes, Signer } from "./signer.js";

export { encodeType, type TypedDataField, type TypedDataTypes };

/** `eth_signTypedData`'s shape. `types` may declare `EIP712Domain`; otherwise it follows from the domain's own fields. */
export interface TypedData {
	readonly types: TypedDataTypes;
	readonly primaryType: string;
	readonly domain: TypedDataDomain;
	readonly message: object;
}

/** Any of the five fields, at least those that the verifying contract hashes. */
export interface TypedDataDomain {
	readonly name?: string | undefined;
	readonly version?: string | undefined;
	readonly chainId?: number | string | bigint | undefined;
	readonly verifyingContract?: string | undefined;
	readonly salt?: string | Uint8Array | undefined;
}

const DOMAIN = "EIP712Domain";
const DOMAIN_FIELDS: readonly TypedDataField[] = Object.freeze([
	Object.freeze({ name: "name", type: "string" }),
	Object.freeze({ name: "version", type: "string" }),
	Object.freeze({ name: "chainId", type: "uint256" }),
	Object.freeze({ name: "verifyingContract", type: "address" }),
	Object.freeze({ name: "salt", type: "bytes32" }),
]);

/** Structs and arrays within one another. Also what ends a value that contains itself, which EIP-712 leaves undefined. */
const MAXIMUM_DEPTH = 16;
const WORD = 32;

/**
 * The 32 bytes that are signed: keccak256 of 19 01, the domain separator and the struct's hash.
 * Throws `TypedDataError`, the path of the value in its message.
 * @example
 * typedDataDigest(signer, {
 * 	types: { Greeting: [{ name: "text", type: "string" }] },
 * 	primaryType: "Greeting",
 * 	domain: { name: "Example", chainId: 8453 },
 * 	message: { text: "hello" },
 * });
 */
export function typedDataDigest(hashes: Hashes, typedData: TypedData): Uint8Array {
	const signed = new Uint8Array(2 + 2 * WORD);
	signed[0] = 0x19;
	signed[1] = 0x01;
	signed.set(domainSeparator(hashes, typedData.domain, typedData.types), 2);
	signed.set(hashStruct(hashes, typedData.types, typedData.primaryType, typedData.message), 2 + WORD);
	return hashes.keccak256(signed);
}

/**
 * `eth_signTypedData`: the signature as wallets give it and x402 takes it, `0x` and 130 hexadecimal digits of r, s and
 * 1b or 1c. Throws as `typedDataDigest` and `Signer.signDigest` do.
 * @example
 * signTypedData(signer, 0, { types, primaryType: "TransferWithAuthorization", domain, message }); // "0x…1b"
 */
export function signTypedData(signer: Signer, slot: number, typedData: TypedData): string {
	return `0x${hex.encode(signer.signDigest(slot, typedDataDigest(signer, typedData)))}`;
}

/**
 * `hashStruct` of the domain. Its type is the `EIP712Domain` of `types`, or, without one, the fields that are there.
 * Throws `TypedDataError` `DomainField` for a declared field that is none of the five.
 * @example
 * domainSeparator(signer, { name: "USDC", version: "2", chainId: 84532, verifyingContract: "0x036CbD53842c5426634e7929541eC2318f3dCF7e" });
 */
export function domainSeparator(hashes: Hashes, domain: TypedDataDomain, types: TypedDataTypes = {}): Uint8Array {
	const declared = fieldsOf(types, DOMAIN);
	for (const { name, type } of declared ?? []) {
		if (!DOMAIN_FIELDS.some((field) => field.name === name && field.type === type)) {
			throw new TypedDataError("DomainField", `expected a field of EIP-712's domain, got ${type} ${name}`);
		}
	}
	const fields = declared ?? DOMAIN_FIELDS.filter(({ name }) => domain[name as keyof TypedDataDomain] !== undefined);
	return new StructHash(hashes, { [DOMAIN]: fields }).hash(DOMAIN, domain, 0);
}

/**
 * `hashStruct`: keccak256 of the type's hash and the members' encodings. Throws as `typedDataDigest` does.
 * @example
 * hashStruct(signer, { Greeting: [{ name: "text", type: "string" }] }, "Greeting", { text: "hello" });
 */
export function hashStruct(hashes: Hashes, types: TypedDataTypes, primaryType: string, message: object): Uint8Array {
	return new StructHash(hashes, types).hash(primaryType, message, 0);
}

/**
 * `typeHash`: keccak256 of `encodeType`. Throws as that does.
 * @example
 * typeHash(signer, { Greeting: [{ name: "text", type: "string" }] }, "Greeting");
 */
export function typeHash(hashes: Hashes, types: TypedDataTypes, primaryType: string): Uint8Array {
	return hashes.keccak256(utf8.encode(encodeType(types, primaryType)));
}

/** One run of `hashStruct`: it keeps the hashes of types, and the path to the value at hand for the error that names it. */
class StructHash {
	readonly #hashes: Hashes;
	readonly #types: TypedDataTypes;
	readonly #typeHashes = new Map<string, Uint8Array>();
	readonly #path: (string | number)[] = [];

	constructor(hashes: Hashes, types: TypedDataTypes) {
		this.#hashes = hashes;
		this.#types = types;
	}

	hash(name: string, value: unknown, depth: number): Uint8Array {
		const type = this.#typeHash(name);
		const fields = fieldsOf(this.#types, name)!;
		if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.#wrongKind("an object", value);
		const encoded = new Uint8Array(WORD * (1 + fields.length));
		encoded.set(type);
		for (let i = 0; i < fields.length; i++) {
			const field = fields[i]!;
			this.#path.push(field.name);
			const member = Object.hasOwn(value, field.name) ? (value as Record<string, unknown>)[field.name] : undefined;
			if (member === undefined) throw this.#refusal("MissingMember", `expected a ${field.type}, got none`);
			this.#encode(field.type, member, encoded.subarray(WORD * (1 + i), WORD * (2 + i)), depth);
			this.#path.pop();
		}
		// All members of the type are there: a greater number is the sign of others.
		const names = Object.keys(value);
		if (names.length > fields.length) this.#refuseOthers(fields, value as Record<string, unknown>, names);
		return this.#hashes.keccak256(encoded);
	}

	#typeHash(name: string): Uint8Array {
		let hash = this.#typeHashes.get(name);
		if (hash === undefined) {
			hash = typeHash(this.#hashes, this.#types, name);
			this.#typeHashes.set(name, hash);
		}
		return hash;
	}

	#refuseOthers(fields: readonly TypedDataField[], value: Record<string, unknown>, names: readonly string[]): void {
		for (const name of names) {
			if (value[name] !== undefined && !fields.some((field) => field.name === name)) {
				throw this.#refusal(
					"ExtraMember",
					`expected the ${fields.length} members of its type, got ${name} beside them`,
				);
			}
		}
	}

	/** `encodeData` of one value into its word, which holds zeros. */
	#encode(type: string, value: unknown, word: Uint8Array, depth: number): void {
		const element = elementType(type);
		if (element !== undefined) word.set(this.#array(type, element, value, this.#deeper(depth)));
		else if (type === "bool") this.#boolean(value, word);
		else if (type === "address") word.set(this.#address(value), WORD - 20);
		else if (type === "string") word.set(this.#hashes.keccak256(this.#text(value)));
		else if (type === "bytes") word.set(this.#hashes.keccak256(this.#bytes(value)));
		else if (fieldsOf(this.#types, type) !== undefined) word.set(this.hash(type, value, this.#deeper(depth)));
		else this.#sized(type, value, word);
	}

	#sized(type: string, value: unknown, word: Uint8Array): void {
		const size = widthOf(type, "bytes", 1, 32);
		if (size > 0) {
			const bytes = this.#bytes(value);
			if (bytes.length !== size) throw this.#refusal("BytesLength", `expected ${size} bytes, got ${bytes.length}`);
			word.set(bytes);
			return;
		}
		const unsigned = widthOf(type, "uint", 8, 256);
		const signed = widthOf(type, "int", 8, 256);
		if (unsigned === 0 && signed === 0) throw unknownType(type, this.#path.join("."));
		word.set(unsigned > 0 ? this.#unsigned(unsigned, value) : this.#signed(signed, value));
	}

	#array(type: string, element: string, value: unknown, depth: number): Uint8Array {
		if (!Array.isArray(value)) throw this.#wrongKind("an array", value);
		const length = arrayLength(type) ?? value.length;
		if (value.length !== length) throw this.#refusal("ArrayLength", `expected ${length} items, got ${value.length}`);
		const encoded = new Uint8Array(WORD * length);
		for (let i = 0; i < length; i++) {
			this.#path.push(i);
			this.#encode(element, value[i], encoded.subarray(WORD * i, WORD * (i + 1)), depth);
			this.#path.pop();
		}
		return this.#hashes.keccak256(encoded);
	}

	#boolean(value: unknown, word: Uint8Array): void {
		if (typeof value !== "boolean") throw this.#wrongKind("a boolean", value);
		word[WORD - 1] = value ? 1 : 0;
	}

	#address(value: unknown): Uint8Array {
		if (value instanceof Uint8Array && value.length === 20) return value;
		if (typeof value !== "string") throw this.#wrongKind("an address", value);
		try {
			return parseAddress(this.#hashes, value);
		} catch (error) {
			throw this.#refusal("AddressInvalid", (error as Error).message);
		}
	}

	#text(value: unknown): Uint8Array {
		if (typeof value !== "string") throw this.#wrongKind("a string", value);
		try {
			return utf8.encode(value);
		} catch (error) {
			throw this.#refusal("TextFormat", (error as Error).message);
		}
	}

	#bytes(value: unknown): Uint8Array {
		if (value instanceof Uint8Array) return value;
		if (typeof value !== "string") throw this.#wrongKind("bytes", value);
		if (!value.startsWith("0x")) throw this.#refusal("BytesFormat", "expected 0x and hexadecimal digits, got no 0x");
		try {
			return hex.decode(value);
		} catch (error) {
			throw this.#refusal("BytesFormat", (error as Error).message);
		}
	}

	#unsigned(width: number, value: unknown): Uint8Array {
		const text = this.#digits(value);
		if (text.startsWith("-")) throw this.#outOfRange(`uint${width}`, text);
		const magnitude = this.#magnitude(text);
		if (!fits(magnitude, width)) throw this.#outOfRange(`uint${width}`, text);
		return magnitude;
	}

	/** Two's complement, its sign extended over the whole word: of −m, the inverse of each bit of m − 1. */
	#signed(width: number, value: unknown): Uint8Array {
		const text = this.#digits(value);
		const isNegative = text.startsWith("-");
		let magnitude = this.#magnitude(isNegative ? text.slice(1) : text);
		if (isNegative) {
			if (uint256.isZero(magnitude)) throw this.#refusal("IntegerFormat", "expected 0 without a sign, got -0");
			magnitude = uint256.subtract(magnitude, uint256.fromNumber(1));
		}
		if (!fits(magnitude, width - 1)) throw this.#outOfRange(`int${width}`, text);
		if (isNegative) {
			for (let i = 0; i < WORD; i++) magnitude[i] = ~magnitude[i]!;
		}
		return magnitude;
	}

	/** The integer as text: of a number that is no longer exact there is none. */
	#digits(value: unknown): string {
		if (typeof value === "string") return value;
		if (typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value))) return String(value);
		if (typeof value !== "number") throw this.#wrongKind("an integer", value);
		throw this.#refusal(
			"IntegerFormat",
			`expected a safe integer, got ${value}: write greater ones as decimal strings`,
		);
	}

	#magnitude(text: string): uint256.Uint256 {
		try {
			if (!text.startsWith("0x")) return uint256.fromDecimal(text);
			const digits = text.slice(2);
			const bytes = hex.decode(digits.length % 2 === 0 ? digits : `0${digits}`, WORD);
			if (bytes.length === 0) throw new TypedDataError("IntegerFormat", "expected digits after 0x, got none");
			const magnitude = new Uint8Array(WORD);
			magnitude.set(bytes, WORD - bytes.length);
			return magnitude;
		} catch (error) {
			const { name, message } = error as Error;
			throw this.#refusal(name === "Overflow" || name === "TooLong" ? "IntegerRange" : "IntegerFormat", message);
		}
	}

	#deeper(depth: number): number {
		if (depth < MAXIMUM_DEPTH) return depth + 1;
		throw this.#refusal("TooDeep", `expected at most ${MAXIMUM_DEPTH} levels, got more: a value that contains itself?`);
	}

	#wrongKind(expected: string, value: unknown): TypedDataError {
		return this.#refusal("ValueType", `expected ${expected}, got ${value === null ? "null" : typeof value}`);
	}

	#outOfRange(type: string, text: string): TypedDataError {
		return this.#refusal("IntegerRange", `expected an integer within ${type}, got ${text}`);
	}

	#refusal(name: TypedDataError["name"], message: string): TypedDataError {
		return new TypedDataError(name, `${this.#path.join(".")}: ${message}`);
	}
}

/** Whether an unsigned integer is below 2^bits. */
function fits(value: uint256.Uint256, bits: number): boolean {
	const whole = WORD - 1 - (bits >> 3);
	for (let i = 0; i < whole; i++) {
		if (value[i] !== 0) return false;
	}
	return whole < 0 || value[whole]! >> (bits & 7) === 0;
}
