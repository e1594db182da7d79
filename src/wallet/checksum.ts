/**
 * Checksums that detect decayed flash before money is spent by it. An entry of the ledger or of the settings ends in the
 * first four bytes of the SHA-256 of all bytes before them. In the ledger these four bytes are the byte string at the end of
 * the CBOR map, so that the entry stays valid CBOR.
 */
import type { Hashes } from "../../modules/signer/signer.js";
import { damaged } from "./errors.js";

/** Writes the checksum over the last four bytes. */
export function appendChecksum(hashes: Hashes, bytes: Uint8Array): Uint8Array {
	const end = bytes.length - 4;
	bytes.set(hashes.sha256(bytes.subarray(0, end)).subarray(0, 4), end);
	return bytes;
}

/** Returns the bytes if their checksum matches. Throws `LedgerError` `LedgerDamaged`. */
export function verifyChecksum(hashes: Hashes, bytes: Uint8Array): Uint8Array {
	const end = Math.max(bytes.length - 4, 0);
	const check = hashes.sha256(bytes.subarray(0, end));
	for (let i = 0; i < 4; i++) {
		if (bytes[end + i] !== check[i]) throw damaged("checksum mismatch");
	}
	return bytes;
}
