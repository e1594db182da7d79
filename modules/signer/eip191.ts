/**
 * EIP-191 version 0x45, `personal_sign`: a message for people, with a prefix that keeps it from being a transaction.
 */
import * as hex from "../encoding/hex.js";
import * as utf8 from "../encoding/utf8.js";
import type { Hashes, Signer } from "./signer.js";

const PREFIX = "\x19Ethereum Signed Message:\n";

/**
 * Returns the 32 bytes to sign: keccak256 of the prefix, the message's length in bytes as decimal text, and the message.
 *
 * @param message bytes, or text to be encoded as UTF-8; `"0x…"` is text, too. Throws `EncodingError` `LoneSurrogate`.
 *
 * @example
 * personalMessageDigest(signer, "hello"); // 50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750
 */
export function personalMessageDigest(hashes: Hashes, message: Uint8Array | string): Uint8Array {
	const bytes = typeof message === "string" ? utf8.encode(message) : message;
	const prefix = utf8.encode(PREFIX + bytes.length);
	const signed = new Uint8Array(prefix.length + bytes.length);
	signed.set(prefix);
	signed.set(bytes, prefix.length);
	return hashes.keccak256(signed);
}

/**
 * Signs as `personal_sign` does, in the form that wallets return and HTTP APIs accept: `0x` and 130 hexadecimal digits of r,
 * s and 1b or 1c. Throws as `personalMessageDigest` and `Signer.signDigest` do.
 *
 * @example
 * signPersonalMessage(signer, 0, "hello"); // "0x…1b"
 */
export function signPersonalMessage(signer: Signer, slot: number, message: Uint8Array | string): string {
	return `0x${hex.encode(signer.signDigest(slot, personalMessageDigest(signer, message)))}`;
}
