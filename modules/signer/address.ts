/**
 * Ethereum addresses: the last 20 bytes of keccak256 of a public key (Yellow Paper, appendix F), written as `0x` and 40
 * hexadecimal digits, in mixed case as a checksum (EIP-55).
 */
import * as hex from "../encoding/hex.js";
import { AddressError } from "./errors.js";
import type { Hashes } from "./signer.js";

const SIZE = 20;

/**
 * Returns the address of a secp256k1 public key, in checksum form.
 *
 * @param publicKey 65 bytes: 0x04, x, y
 *
 * Throws `PublicKeyFormat`. Does not check that the point lies on the curve.
 *
 * @example
 * addressOfPublicKey(signer, signer.publicKey(0)); // "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
 */
export function addressOfPublicKey(hashes: Hashes, publicKey: Uint8Array): string {
	if (publicKey.length !== 65 || publicKey[0] !== 4) {
		throw new AddressError("PublicKeyFormat", `expected 65 bytes that begin with 4, got ${publicKey.length} bytes`);
	}
	return checksumAddress(hashes, hashes.keccak256(publicKey.subarray(1)).subarray(12));
}

/**
 * Returns the checksum form (EIP-55) of an address of 20 bytes. Throws `AddressFormat` for another length.
 *
 * @example
 * checksumAddress(signer, parseAddress(signer, "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"));
 * // "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
 */
export function checksumAddress(hashes: Hashes, address: Uint8Array): string {
	if (address.length !== SIZE) {
		throw new AddressError("AddressFormat", `expected an address of 20 bytes, got ${address.length}`);
	}
	const text = new TextEncoder().encode(`0x${hex.encode(address)}`);
	const digits = text.subarray(2);
	const digest = hashes.keccak256(digits);
	for (let i = 0; i < digits.length; i++) {
		const nibble = i % 2 === 0 ? digest[i >> 1]! >> 4 : digest[i >> 1]! & 15;
		if (digits[i]! >= 0x61 && nibble >= 8) digits[i]! -= 0x20;
	}
	return new TextDecoder().decode(text);
}

/**
 * Parses an address into its 20 bytes. All lower or all upper case is accepted; mixed case is a checksum and must be right.
 * Throws `AddressFormat`, `AddressChecksum`.
 *
 * @example
 * parseAddress(signer, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266").length; // 20
 */
export function parseAddress(hashes: Hashes, text: string): Uint8Array<ArrayBuffer> {
	const address = bytesOf(text);
	if (address === undefined) {
		throw new AddressError("AddressFormat", `expected 0x and 40 hexadecimal digits, got ${JSON.stringify(text)}`);
	}
	const digits = text.slice(2);
	const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
	if (isMixed && checksumAddress(hashes, address) !== text) {
		throw new AddressError(
			"AddressChecksum",
			`expected a valid EIP-55 checksum, or a single case, got ${text}: check for a typo`,
		);
	}
	return address;
}

/**
 * True if both texts are the same address, whatever their case. Does not check checksums.
 *
 * @example
 * isSameAddress("0xAbC0000000000000000000000000000000000000", "0xabc0000000000000000000000000000000000000"); // true
 */
export function isSameAddress(a: string, b: string): boolean {
	return bytesOf(a) !== undefined && a.toLowerCase() === b.toLowerCase();
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
	if (text.length !== 2 + 2 * SIZE || !text.startsWith("0x")) return undefined;
	try {
		return hex.decode(text);
	} catch {
		return undefined;
	}
}
