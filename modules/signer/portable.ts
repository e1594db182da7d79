/**
 * The signer for Node, browsers and unit tests, behind the same interface as the C core of the device: ECDSA over
 * secp256k1 (SEC 1, RFC 6979) and the hashes by noble, ed25519 (RFC 8032) by tweetnacl. Both run on every platform of
 * JavaScript; neither promises constant time, and keys pass through the memory of the process. For money on a server,
 * keep the keys elsewhere.
 *
 * This is the entry of the package's export `micropayer/signer`.
 * @module
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import nacl from "tweetnacl";
import { isSame } from "../encoding/bytes.js";
import { SignerError } from "./errors.js";
import type { Curve, Hashes, Signer } from "./signer.js";

export { addressOfPublicKey, checksumAddress, isSameAddress, parseAddress } from "./address.js";
export { personalMessageDigest, signPersonalMessage } from "./eip191.js";
export {
	domainSeparator,
	encodeType,
	hashStruct,
	signTypedData,
	type TypedData,
	type TypedDataDomain,
	type TypedDataField,
	type TypedDataTypes,
	typedDataDigest,
	typeHash,
} from "./eip712.js";
export { AddressError, SignerError, TypedDataError } from "./errors.js";
export type { Curve, Hashes, Signer } from "./signer.js";

/** The store of the keys: a `Map`, or anything durable of its shape. Its contents are secrets. */
export interface KeyStore {
	/** Returns the record of a slot, as given to `set`. */
	get(slot: number): Uint8Array | undefined;
	set(slot: number, record: Uint8Array): unknown;
	delete(slot: number): unknown;
}

export interface PortableSignerOptions {
	readonly keys: KeyStore;
	/** Fills a buffer from a cryptographic generator. */
	random(buffer: Uint8Array): void;
}

const SLOTS = 256;
const KEY_SIZE = 32;
/** Size of an ed25519 key stored by the C core: the seed, and the data kept with it. */
const EXPANDED_SIZE = 96;
/** A record is a byte for the curve, then the key. */
const CURVES: readonly Curve[] = Object.freeze(["secp256k1", "ed25519"] as const);

/**
 * Keccak-256 and SHA-256 only, to hash typed data without a key.
 *
 * @example
 * typedDataDigest(hashes, typedData);
 */
export const hashes: Hashes = Object.freeze({
	keccak256: (data: Uint8Array) => keccak_256(data),
	sha256: (data: Uint8Array) => sha256(data),
});

/**
 * A signer over the keys of a store. Slots are numbered from 0 to 255.
 *
 * Every signature is checked, against a public key from a second reading of the store, before it is given out: a
 * faulty one can give the key away. It then throws `SignerError` `SigningFault`.
 * @example
 * import { createPortableSigner, signPersonalMessage } from "micropayer/signer";
 *
 * const signer = createPortableSigner({ keys: new Map(), random: (buffer) => crypto.getRandomValues(buffer) });
 * signer.create(0, "secp256k1");
 * signPersonalMessage(signer, 0, "hello"); // "0x…1b"
 */
export function createPortableSigner(options: PortableSignerOptions): Signer {
	return new PortableSigner(options);
}

class PortableSigner implements Signer {
	readonly #keys: KeyStore;
	readonly #random: (buffer: Uint8Array) => void;

	constructor(options: PortableSignerOptions) {
		this.#keys = options.keys;
		this.#random = (buffer) => options.random(buffer);
	}

	keccak256(data: Uint8Array): Uint8Array {
		return hashes.keccak256(data);
	}

	sha256(data: Uint8Array): Uint8Array {
		return hashes.sha256(data);
	}

	curve(slot: number): Curve | undefined {
		const record = this.#keys.get(checkedSlot(slot));
		if (record === undefined) return undefined;
		const curve = CURVES[record[0]!];
		const isExpanded = curve === "ed25519" && record.length === 1 + EXPANDED_SIZE;
		if (curve === undefined || (record.length !== 1 + KEY_SIZE && !isExpanded)) {
			throw new SignerError("StorageFailed", `the record of slot ${slot} is damaged`);
		}
		return curve;
	}

	publicKey(slot: number): Uint8Array {
		const curve = this.curve(slot);
		if (curve === undefined) throw missing(slot);
		const key = this.#key(slot, curve);
		return curve === "secp256k1" ? secp256k1.getPublicKey(key, false) : nacl.sign.keyPair.fromSeed(key).publicKey;
	}

	signDigest(slot: number, digest: Uint8Array): Uint8Array {
		const key = this.#key(slot, "secp256k1");
		if (digest.length !== 32) {
			throw new SignerError("DigestLength", `expected a digest of 32 bytes, got ${digest.length}`);
		}
		const recovered = secp256k1.sign(digest, key, { prehash: false, lowS: true, format: "recovered" });
		if (!recoversTo(this.publicKey(slot), recovered, digest)) throw fault(slot);
		const signature = new Uint8Array(65);
		signature.set(recovered.subarray(1));
		signature[64] = 27 + recovered[0]!;
		return signature;
	}

	signMessage(slot: number, message: Uint8Array): Uint8Array {
		const pair = nacl.sign.keyPair.fromSeed(this.#key(slot, "ed25519"));
		const signature = nacl.sign.detached(message, pair.secretKey);
		if (!nacl.sign.detached.verify(message, signature, this.publicKey(slot))) throw fault(slot);
		return signature;
	}

	create(slot: number, curve: Curve): void {
		const key = new Uint8Array(KEY_SIZE);
		// A random key is out of range once in 2^128 tries: a second such key means that the generator is broken.
		this.#random(key);
		this.importKey(slot, curve, key);
	}

	importKey(slot: number, curve: Curve, key: Uint8Array): void {
		if (this.curve(slot) !== undefined) {
			throw new SignerError("SlotTaken", `slot ${slot} holds a key: erase it first`);
		}
		const isKey = curve === "secp256k1" ? secp256k1.utils.isValidSecretKey(key) : key.length === KEY_SIZE;
		if (!isKey) {
			throw new SignerError(
				"KeyOutOfRange",
				`expected a key of 32 bytes for ${curve}, above 0 and below the group order`,
			);
		}
		const record = new Uint8Array(1 + KEY_SIZE);
		record[0] = CURVES.indexOf(curve);
		record.set(key, 1);
		this.#keys.set(slot, record);
	}

	erase(slot: number, publicKey: Uint8Array): void {
		if (!isSame(publicKey, this.#publicKeyIfReadable(slot))) {
			throw new SignerError("NotConfirmed", `the confirmation is not the public key of slot ${slot}`);
		}
		this.#keys.delete(slot);
	}

	/** Returns no bytes for a record without a readable key. */
	#publicKeyIfReadable(slot: number): Uint8Array {
		if (this.#keys.get(checkedSlot(slot)) === undefined) throw missing(slot);
		try {
			return this.publicKey(slot);
		} catch {
			return new Uint8Array(0);
		}
	}

	#key(slot: number, curve: Curve): Uint8Array {
		const found = this.curve(slot);
		if (found === undefined) throw missing(slot);
		if (found !== curve) {
			throw new SignerError("KeyOfAnotherCurve", `slot ${slot} holds a ${found} key: expected ${curve}`);
		}
		return this.#keys.get(slot)!.slice(1, 1 + KEY_SIZE);
	}
}

function checkedSlot(slot: number): number {
	if (Number.isInteger(slot) && slot >= 0 && slot < SLOTS) return slot;
	throw new SignerError("SlotOutOfRange", `expected a slot from 0 to ${SLOTS - 1}, got ${slot}`);
}

/** True if a signature and its recovery id lead to exactly this public key: a check of all 65 bytes. */
function recoversTo(publicKey: Uint8Array, recovered: Uint8Array, digest: Uint8Array): boolean {
	try {
		const found = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
		return isSame(secp256k1.Point.fromBytes(found).toBytes(false), publicKey);
	} catch {
		return false;
	}
}

function missing(slot: number): SignerError {
	return new SignerError("KeyMissing", `expected a key in slot ${slot}, got none: create or import one`);
}

function fault(slot: number): SignerError {
	return new SignerError("SigningFault", `a signature of slot ${slot} did not verify and was dropped: try again`);
}
