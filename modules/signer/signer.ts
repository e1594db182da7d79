/**
 * The signer's interface: keys live in numbered slots and never leave them. It has two implementations: `native` (the C core,
 * on devices and the XS host) and `portable` (noble and tweetnacl, on Node).
 */

/** The two kinds of key. A slot holds one key of one kind. */
export type Curve = "secp256k1" | "ed25519";

export interface Hashes {
	/** Keccak-256 as Ethereum uses it (not SHA3-256). 32 bytes. */
	keccak256(data: Uint8Array): Uint8Array;
	/** SHA-256, FIPS 180-4. 32 bytes. */
	sha256(data: Uint8Array): Uint8Array;
}

export interface Signer extends Hashes {
	/** Returns the curve of the key in `slot`, or `undefined` for an empty slot. */
	curve(slot: number): Curve | undefined;
	/**
	 * Returns the public key: 65 bytes (0x04, x, y: SEC 1 §2.3.3) of a secp256k1 key, 32 bytes (RFC 8032 §5.1.5) of an ed25519
	 * key. Throws `SignerError` `KeyMissing`.
	 */
	publicKey(slot: number): Uint8Array;
	/**
	 * Signs a 32-byte digest by ECDSA over secp256k1: deterministic (RFC 6979, SHA-256), low s. Returns 65 bytes: r, s, then 27
	 * or 28, as EIP-191, EIP-712 and `ecrecover` use them. Throws `SignerError` `KeyMissing`, `KeyOfAnotherCurve`,
	 * `DigestLength`, `SigningFault`.
	 */
	signDigest(slot: number, digest: Uint8Array): Uint8Array;
	/** Signs a message by ed25519 (RFC 8032 §5.1.6). Returns 64 bytes. Throws as `signDigest` does. */
	signMessage(slot: number, message: Uint8Array): Uint8Array;
	/** Creates a key in an empty slot with the hardware generator. Throws `SlotTaken`. */
	create(slot: number, curve: Curve): void;
	/** Puts a 32-byte private key into an empty slot, for provisioning only. Throws `SlotTaken`, `KeyOutOfRange`. */
	importKey(slot: number, curve: Curve, key: Uint8Array): void;
	/**
	 * Erases a slot. `publicKey` is the confirmation: it must equal the slot's own, and be empty for a slot whose record holds
	 * no readable key. Throws `NotConfirmed`, and `KeyMissing` for an empty slot.
	 */
	erase(slot: number, publicKey: Uint8Array): void;
}
