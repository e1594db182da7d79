/**
 * SettlementResponse, the receipt in an answer: x402 v2 `PAYMENT-RESPONSE` (§5.3), v1 `X-PAYMENT-RESPONSE`. It is the
 * seller's claim, not a proof: the ledger records the transaction that it names, and never gives budget back because of it.
 */
import { readJsonBytes } from "../../modules/encoding/json/text.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { decodedHeader } from "./payment_required.js";
import { leafOf } from "./payment_requirements.js";

export interface SettlementResponse {
	readonly success: boolean;
	/** 0x and 64 digits, or "" if the seller named none. */
	readonly transaction: string;
	readonly errorReason: string;
}

/**
 * Bytes of the header's value: usually about 300, but over 4,000 if it carries the error text of a failed settlement. A
 * longer one is treated like one that cannot be read.
 */
export const RECEIPT_LIMIT = 3_072;

/** Bytes of the reason that are kept. */
const REASON_BYTES = 100;

/** Stands for a receipt that cannot be read: the seller has tried to settle, with an unknown result. */
export const UNREADABLE: SettlementResponse = Object.freeze({
	success: false,
	transaction: "",
	errorReason: "something unreadable",
});

/** Reads the receipt in a header's value, in place; `undefined` if there is none. */
export function readSettlementResponse(value: Uint8Array | undefined): SettlementResponse | undefined {
	if (value === undefined) return undefined;
	if (value.length > RECEIPT_LIMIT) return UNREADABLE;
	try {
		const json = readJsonBytes(utf8.repaired(decodedHeader(value)));
		// Early sellers used another name for the hash.
		const [success, errorReason, ...hashes] = json.members(
			...["success", "errorReason", "transaction", "txHash", "transactionHash"],
		);
		const isSuccess = leafOf(success);
		if (typeof isSuccess !== "boolean") return UNREADABLE;
		const hash = hashes.map(leafOf).find(isHash) ?? "";
		return {
			success: isSuccess,
			transaction: hash.toLowerCase(),
			errorReason: errorReason?.stringPrefix(REASON_BYTES) ?? "",
		};
	} catch {
		return UNREADABLE;
	}
}

function isHash(value: unknown): value is string {
	return typeof value === "string" && /^0x[0-9a-fA-F]{64}$/.test(value);
}
