/**
 * Flash that has decayed must be noticed and not spent by: an entry of the ledger or the settings ends in the first four
 * bytes of the SHA-256 of all before them. In the ledger they are the byte string that ends the value's CBOR, which stays
 * CBOR.
 */
import type { Hashes } from "../../modules/signer/signer.js";
import { damaged } from "./errors.js";

/** Writes the checksum over the last four bytes. */
export function appendChecksum(hashes: Hashes, bytes: Uint8Array): Uint8Array {
	const end = bytes.length - 4;
	bytes.set(hashes.sha256(bytes.subarray(0, end)).subarray(0, 4), end);
	return bytes;
}

/** The bytes, if their checksum holds. Throws `LedgerError` `LedgerDamaged`. */
export function verifyChecksum(hashes: Hashes, bytes: Uint8Array): Uint8Array {
	const end = Math.max(bytes.length - 4, 0);
	const check = hashes.sha256(bytes.subarray(0, end));
	for (let i = 0; i < 4; i++) {
		if (bytes[end + i] !== check[i]) throw damaged("bytes that have changed since they were written");
	}
	return bytes;
}
