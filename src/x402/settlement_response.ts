/**
 * The receipt that comes back with an answer: x402 v2 `PAYMENT-RESPONSE` (§5.3), v1 `X-PAYMENT-RESPONSE`. It is what the
 * seller says, not a proof: the ledger keeps its word on the transaction, and never gives budget back because of it.
 */
import * as base64 from "../../modules/encoding/base64.js";
import { readJson } from "../../modules/encoding/json/text.js";
import * as utf8 from "../../modules/encoding/utf8.js";

export interface SettlementResponse {
	readonly success: boolean;
	/** 0x and 64 digits, or "" when the seller named none. */
	readonly transaction: string;
	readonly errorReason: string;
}

/** Of the header's value: about 300 characters, more than 4,000 when it carries the error text of a failed settlement. */
const RECEIPT_LIMIT = 8_192;

/** Of a seller that sent one nobody can read: it has tried to settle, and what came of that is not known. */
const UNREADABLE: SettlementResponse = Object.freeze({
	success: false,
	transaction: "",
	errorReason: "something unreadable",
});

/** The receipt in a header's value, or `undefined` when there is none. */
export function readSettlementResponse(value: string | undefined): SettlementResponse | undefined {
	if (value === undefined) return undefined;
	if (value.length > RECEIPT_LIMIT) return UNREADABLE;
	try {
		const json = value.startsWith("{") ? value : utf8.decode(base64.decode(value));
		const members = readJson(json).members("success", "transaction", "errorReason");
		const [success, transaction, errorReason] = members.map((member) => member?.leaf);
		if (typeof success !== "boolean") return UNREADABLE;
		const isHash = typeof transaction === "string" && /^0x[0-9a-fA-F]{64}$/.test(transaction);
		return {
			success,
			transaction: isHash ? transaction.toLowerCase() : "",
			errorReason: typeof errorReason === "string" ? errorReason.slice(0, 100) : "",
		};
	} catch {
		return UNREADABLE;
	}
}
