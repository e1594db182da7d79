/**
 * Classifies a seller's answer to a payment. The specification leaves most of this open; the table follows the reference
 * server and facilitator:
 *
 * | answer | meaning | outcome |
 * |---|---|---|
 * | 2xx | served | delivered |
 * | 402 with a receipt: `settlement_pending` | sent to the chain, not mined yet | unknown, `settlement_pending` |
 * | 402 with a receipt: anything else | the settlement failed after it was tried: the money may be gone | unknown, `settlement_failed` |
 * | 402 or 412 with terms, whose reason is a used nonce | paid before, not delivered | unknown, `nonce_already_used` |
 * | 402 or 412, whose reason is a failed verification, wherever it stands | the payment did not verify | refused, `verification_failed` |
 * | the same, for want of money | the wallet is empty | refused, `WalletEmpty` |
 * | 402 or 412 with terms, another reason | the facilitator could not be reached | again, then refused, `verification_failed` |
 * | 402 with neither, nor a known reason | what became of the payment is not known | unknown, `refused_without_terms` |
 * | 408, 409, 425, 429, 5xx | not settled: the same payment may be sent again | again, then refused, `handler_failed` |
 * | of these, 5xx except 500 and 503 | a proxy answered; the seller may have settled | again, then unknown, `handler_failed` |
 * | the same, with a receipt of success | settled before serving (`upfront`, `escrow`), and not served | unknown, `charged_undelivered` |
 * | 3xx with Location | served, as the reference server sees it: the data is fetched from there | delivered, or unknown, `redirected` |
 * | 202 with a Location of the seller's own | taken on: the job is asked for its result | delivered, or unknown, `job_unfinished` |
 * | any other 4xx | not settled | refused, `handler_refused` |
 *
 * A v1 seller also sends fresh terms after a failed settlement, so with v1 only a failed verification is a refusal.
 *
 * "Refused" rests on the seller's word alone: the ledger holds the budget until the signature can no longer be used.
 */
import type { HttpResponse } from "../http/response.js";
import { retryAfterSeconds } from "../http/retry_after.js";
import { type Elsewhere, elsewhereOf } from "./elsewhere.js";
import { TermsError } from "./errors.js";
import { readPaymentRequired, TERMS_HEADERS } from "./find_payment_required.js";
import type { PaymentRequired } from "./payment_required.js";
import type { PaymentFlow } from "./payment_requirements.js";
import { type Reason, reasonIn } from "./reason.js";
import { afterColon, sellersWords } from "./sellers_words.js";
import { RECEIPT_LIMIT, readSettlementResponse, type SettlementResponse, UNREADABLE } from "./settlement_response.js";

const RECEIPT = Object.freeze({ limit: RECEIPT_LIMIT });

/** Size limits of x402's headers: terms in base64, and receipts. See `HttpLimits.largeHeaders`. */
export const X402_HEADERS = Object.freeze({
	...TERMS_HEADERS,
	"payment-response": RECEIPT,
	"x-payment-response": RECEIPT,
});

export type PaymentAnswer =
	| { readonly kind: "served"; readonly transaction: string }
	| Elsewhere
	| {
			readonly kind: "again";
			readonly outcome: string;
			readonly detail: string;
			readonly afterSeconds: number;
			/** True if the payment may have been used by this send. */
			readonly isInDoubt: boolean;
			/** True if the seller says that it is still working on this payment: 409, 425. */
			readonly isBusy?: boolean;
			/** True if the answer says no more than the answer to a request without a payment. */
			readonly isLikeUnpaid?: boolean;
	  }
	| {
			readonly kind: "ended";
			readonly state: "refused" | "unknown";
			readonly outcome: string;
			readonly detail: string;
			readonly transaction: string;
			readonly terms?: PaymentRequired;
			/** As for "again". */
			readonly isLikeUnpaid?: boolean;
	  };

/**
 * Classifies the answer to a payment. `unpaidError` is the seller's error text in its answer to the request without a
 * payment. Leaves the body of a served answer unread, and drains any other.
 */
export async function readAnswer(
	response: HttpResponse,
	flow: PaymentFlow,
	unpaidError?: string,
): Promise<PaymentAnswer> {
	const { status } = response;
	const settlement = settlementOf(response);
	const elsewhere = elsewhereOf(response, settlement?.transaction);
	if (elsewhere !== undefined) return elsewhere;
	if (status >= 200 && status <= 299) return { kind: "served", transaction: settlement?.transaction ?? "" };
	if (status === 402 || status === 412) {
		if (settlement === undefined) return unverified(response, unpaidError);
		const words = await sellersWords(response);
		return unsettled(settlement, words);
	}
	const detail = `the seller answered ${status}${afterColon(await sellersWords(response))}`;
	if (settlement?.success || flow !== "authorization") {
		return ended("unknown", "charged_undelivered", detail, settlement?.transaction);
	}
	if (status >= 300 && status <= 399) return ended("unknown", "redirected", detail);
	if (status === 408 || status === 409 || status === 425 || status === 429 || status >= 500) {
		const isInDoubt = status > 500 && status !== 503;
		const isBusy = status === 409 || status === 425;
		return {
			kind: "again",
			outcome: "handler_failed",
			detail,
			afterSeconds: retryAfterSeconds(response),
			isInDoubt,
			isBusy,
		};
	}
	return ended("refused", "handler_refused", detail);
}

/** Reads an answer's receipt, even one that was too long to keep; `undefined` if there is none. */
function settlementOf({ headers }: HttpResponse): SettlementResponse | undefined {
	for (const name of ["payment-response", "x-payment-response"]) {
		if (headers.isTooLong(name)) return UNREADABLE;
		const value = headers.take(name);
		if (value !== undefined) return readSettlementResponse(value);
	}
	return undefined;
}

function unsettled({ errorReason, transaction }: SettlementResponse, words: string): PaymentAnswer {
	const detail = `the seller's receipt says ${errorReason || "nothing"}${words === "" ? "" : `, the answer ${words}`}`;
	if (errorReason === "settlement_pending") return ended("unknown", "settlement_pending", detail, transaction);
	// The facilitator verifies once more before it settles. Without a transaction, nothing was sent to the chain.
	const refused = transaction === "" ? refusal(reasonIn(errorReason), detail) : undefined;
	return refused ?? ended("unknown", "settlement_failed", detail, transaction);
}

/** Returns the outcome of an answer whose text proves that nothing was taken; `undefined` if it does not. */
function refusal(reason: Reason | undefined, detail: string) {
	if (reason === "funds") return ended("refused", "WalletEmpty", detail);
	return reason === "fault" ? ended("refused", "verification_failed", detail) : undefined;
}

async function unverified(response: HttpResponse, unpaidError: string | undefined): Promise<PaymentAnswer> {
	let required: PaymentRequired;
	try {
		required = await readPaymentRequired(response);
	} catch (error) {
		if (!(error instanceof TermsError)) throw error;
		return withoutTerms(response.status, error.words);
	}
	const { error } = required;
	const detail = `the seller says ${error || "nothing"}`;
	const reason = reasonIn(error);
	if (reason === "used") return ended("unknown", "nonce_already_used", detail);
	const isLikeUnpaid = reason === "required" || error === unpaidError;
	const refused = reason === "required" ? ended("refused", "verification_failed", detail) : refusal(reason, detail);
	if (refused !== undefined) return { ...refused, terms: required, isLikeUnpaid };
	const isInDoubt = required.x402Version === 1 || reason === "tried";
	const afterSeconds = retryAfterSeconds(response);
	return { kind: "again", outcome: "verification_failed", detail, afterSeconds, isInDoubt, isLikeUnpaid };
}

/** A seller that sends no terms may still give a reason. */
function withoutTerms(status: number, words: string): PaymentAnswer {
	const detail = `the seller answered ${status} without terms${afterColon(words)}`;
	const reason = reasonIn(words);
	if (reason === "used") return ended("unknown", "nonce_already_used", detail);
	return refusal(reason, detail) ?? ended("unknown", "refused_without_terms", detail);
}

function ended(state: "refused" | "unknown", outcome: string, detail: string, transaction = "") {
	return { kind: "ended", state, outcome, detail, transaction } as const;
}

/** True for the name of an answer whose head is longer than the device reads, each time that it comes. */
export function isHeadTooLong(name: string): boolean {
	return name === "HeadTooLarge" || name === "TooManyHeaders";
}
