/**
 * Resumes a purchase that an account pays. What a market saves between two requests is a CBOR array, which begins with the
 * step that the purchase is at; a later version of the market's client still reads it.
 */
import * as cbor from "../../../modules/encoding/cbor.js";
import type { AccountCharge } from "../../wallet/account_charge.js";

/**
 * The progress of a purchase that a restart interrupted after something may have left; empty if its progress is
 * unreadable. `undefined` for a new purchase: one that was only intended is closed, and starts over at today's terms.
 * Throws `PolicyError` when the owner's rules or plan do not allow the purchase any more, `LedgerError`.
 */
export function interrupted(account: AccountCharge): readonly cbor.CborValue[] | undefined {
	const { record } = account;
	if (record?.state === "authorized") return readProgress(account.progress);
	if (record?.state === "intended") account.abandon("expired");
	return undefined;
}

/** The elements of saved progress; none if it is absent or was not saved by a market's client. */
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
