/**
 * Resumes a charge to an account. The progress that a market saves between two requests is a CBOR array, which begins with
 * the purchase's step. Later versions of the market's client must still read it.
 */
import * as cbor from "../../../modules/encoding/cbor.js";
import type { AccountCharge } from "../../wallet/account_charge.js";

/**
 * Returns the progress of a purchase that a restart interrupted after something may have left; empty if it cannot be read.
 * Returns `undefined` for a new purchase: one that was only intended is closed, and starts over at today's terms. Throws
 * `PolicyError` if the owner's rules or plan no longer allow the purchase, and `LedgerError`.
 */
export function interrupted(account: AccountCharge): readonly cbor.CborValue[] | undefined {
	const { record } = account;
	if (record?.state === "authorized") return readProgress(account.progress);
	if (record?.state === "intended") account.abandon("expired");
	return undefined;
}

/** Returns the elements of saved progress; none if it is absent or was not saved by a market's client. */
export function readProgress(bytes: Uint8Array | undefined): readonly cbor.CborValue[] {
	if (bytes === undefined) return [];
	let value: cbor.CborValue;
	try {
		value = cbor.decode(bytes);
	} catch {
		return [];
	}
	return Array.isArray(value) ? (value as readonly cbor.CborValue[]) : [];
}
