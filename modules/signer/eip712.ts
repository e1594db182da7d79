/**
 * EIP-712: hashing and signing of typed structured data, in full: nested structs, arrays (fixed, dynamic, nested), every
 * atomic type, recursive types, and a domain of any of the five fields. eip712_types.ts has the types.
 *
 * A struct is an object with exactly its type's members; a member that is `undefined` counts as missing. An array has exactly
 * the length of its type, if that has one. eip712_atoms.ts has the only accepted form of each other value. Each struct and
 * each array is one buffer that is filled and hashed.
 */
import * as hex from "../encoding/hex.js";
import * as utf8 from "../encoding/utf8.js";
import { encodeAtom, mismatch } from "./eip712_atoms.js";
import {
	arrayLength,
	elementType,
	encodeType,
	fieldsOf,
	type TypedDataField,
	type TypedDataTypes,
} from "./eip712_types.js";
import { TypedDataError } from "./errors.js";
import type { Hashes, Signer } from "./signer.js";

export { encodeType, type TypedDataField, type TypedDataTypes };

/**
 * The shape of `eth_signTypedData`. `types` may declare `EIP712Domain`; otherwise it is derived from the domain's own fields.
 */
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

/** Levels of nested structs and arrays. The limit also stops a value that contains itself, which EIP-712 leaves undefined. */
const MAXIMUM_DEPTH = 12;
const WORD = 32;

/**
 * Returns the 32 bytes to sign: keccak256 of 19 01, the domain separator and the struct's hash. Throws `TypedDataError`,
 * whose message has the path of the value.
 *
 * @example
 * typedDataDigest(signer, {
 *   types: { Greeting: [{ name: "text", type: "string" }] },
 *   primaryType: "Greeting",
 *   domain: { name: "Example", chainId: 8453 },
 *   message: { text: "hello" },
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
 * Signs as `eth_signTypedData` does, in the form that wallets return and x402 accepts: `0x` and 130 hexadecimal digits of r,
 * s and 1b or 1c. Throws as `typedDataDigest` and `Signer.signDigest` do.
 *
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
	return new StructHash(hashes, { [DOMAIN]: domainFields(domain, types) }).run(DOMAIN, domain);
}

/**
 * `hashStruct`: keccak256 of the type's hash and the members' encodings. Throws as `typedDataDigest` does.
 * @example
 * hashStruct(signer, { Greeting: [{ name: "text", type: "string" }] }, "Greeting", { text: "hello" });
 */
export function hashStruct(hashes: Hashes, types: TypedDataTypes, primaryType: string, message: object): Uint8Array {
	return new StructHash(hashes, types).run(primaryType, message);
}

/**
 * `typeHash`: keccak256 of `encodeType`. Throws as that does.
 * @example
 * typeHash(signer, { Greeting: [{ name: "text", type: "string" }] }, "Greeting");
 */
export function typeHash(hashes: Hashes, types: TypedDataTypes, primaryType: string): Uint8Array {
	return hashes.keccak256(utf8.encode(encodeType(types, primaryType)));
}

function domainFields(domain: TypedDataDomain, types: TypedDataTypes): readonly TypedDataField[] {
	const declared = fieldsOf(types, DOMAIN);
	if (declared === undefined) {
		return DOMAIN_FIELDS.filter((field) => domain[field.name as keyof TypedDataDomain] !== undefined);
	}
	for (const { name, type } of declared) {
		if (!DOMAIN_FIELDS.some((field) => field.name === name && field.type === type)) {
			throw new TypedDataError("DomainField", `expected a field of EIP-712's domain, got ${type} ${name}`);
		}
	}
	return declared;
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

	run(name: string, value: object): Uint8Array {
		try {
			return this.#hash(name, value, 0);
		} catch (error) {
			if (!(error instanceof TypedDataError) || this.#path.length === 0) throw error;
			throw new TypedDataError(error.name, `${this.#path.join(".")}: ${error.message}`);
		}
	}

	/**
	 * keccak256 of a word for each item of an array, or of the type's hash and a word for each member of a struct. One
	 * function for both, so that a level of nesting takes one frame of XS's stack.
	 */
	#hash(type: string, value: unknown, depth: number): Uint8Array {
		if (depth === MAXIMUM_DEPTH) {
			throw new TypedDataError("TooDeep", `expected at most ${MAXIMUM_DEPTH} levels: does a value contain itself?`);
		}
		const element = elementType(type);
		const words = element === undefined ? this.#struct(type, value) : array(type, value);
		const fields = element === undefined ? fieldsOf(this.#types, type)! : undefined;
		const first = fields === undefined ? 0 : 1;
		for (let i = first; i * WORD < words.length; i++) {
			const field = fields?.[i - 1];
			const key = field?.name ?? i;
			const itemType = field?.type ?? element!;
			const item = (value as Record<string | number, unknown>)[key];
			this.#path.push(key);
			if (this.#isAtomic(itemType)) encodeAtom(this.#hashes, itemType, item, words.subarray(i * WORD, (i + 1) * WORD));
			else words.set(this.#hash(itemType, item, depth + 1), i * WORD);
			this.#path.pop();
		}
		return this.#hashes.keccak256(words);
	}

	/** The words of a struct, its type's hash in the first, the others still empty. */
	#struct(name: string, value: unknown): Uint8Array {
		const type = this.#typeHash(name);
		const fields = fieldsOf(this.#types, name)!;
		checkMembers(name, fields, value);
		const words = new Uint8Array(WORD * (1 + fields.length));
		words.set(type);
		return words;
	}

	#typeHash(name: string): Uint8Array {
		let hash = this.#typeHashes.get(name);
		if (hash === undefined) {
			hash = typeHash(this.#hashes, this.#types, name);
			this.#typeHashes.set(name, hash);
		}
		return hash;
	}

	#isAtomic(type: string): boolean {
		return elementType(type) === undefined && fieldsOf(this.#types, type) === undefined;
	}
}

/** A struct has the members that its type says and no others. */
function checkMembers(name: string, fields: readonly TypedDataField[], value: unknown): void {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw mismatch("an object", value);
	const members = value as Record<string, unknown>;
	for (const field of fields) {
		if (!Object.hasOwn(members, field.name) || members[field.name] === undefined) {
			throw new TypedDataError("MissingMember", `expected ${field.type} ${field.name} in ${name}, got none`);
		}
	}
	for (const key of Object.keys(members)) {
		if (members[key] !== undefined && !fields.some((field) => field.name === key)) {
			throw new TypedDataError("ExtraMember", `expected the members of ${name} alone, got ${key} beside them`);
		}
	}
}

/** The words of an array, still empty. */
function array(type: string, value: unknown): Uint8Array {
	if (!Array.isArray(value)) throw mismatch("an array", value);
	const length = arrayLength(type) ?? value.length;
	if (value.length !== length) {
		throw new TypedDataError("ArrayLength", `expected ${length} items, got ${value.length}`);
	}
	return new Uint8Array(WORD * length);
}
