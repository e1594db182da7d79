/**
 * Paying on PayanAgent by x402: the market's own words about a payment, beside those of x402.
 *
 * | answer to a payment | what it means |
 * |---|---|
 * | 2xx | served; the transaction is in `X-Tx-Hash`, of native offers |
 * | other, with `X-Tx-Hash` or `X-Receipt-Id` | paid, and the seller failed: unknown, `charged_undelivered` |
 * | 5xx whose body has a `receiptId`, or says "Payment settled but …" | the same |
 * | 402 without terms | unknown, as x402 has it: never paid anew |
 * | 409 to an approval | being settled: unknown, `settling`, then looked after |
 */

import { ItemsError } from "../../../modules/encoding/json/errors.js";
import { fields } from "../../../modules/encoding/json/items.js";
import { HttpError } from "../../http/errors.js";
import type { HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import type { Purchase } from "../../wallet/purchase.js";
import type { PaymentAnswer } from "../../x402/answer.js";
import { buy, type Deliver, type Dialect, type Outcome } from "../../x402/client.js";
import { pause } from "../kit/pause.js";
import { type Api, ASKS, type Json } from "./api.js";
import { textOf } from "./documents.js";
import { PayanAgentError } from "./errors.js";

/** How a purchase ended, and the market's receipt for it. */
export interface Bought extends Outcome {
	/** "" where the market named none. */
	readonly receiptId: string;
}

/** What is paid for: 409 means something else for each. */
export type Paid = "offer" | "legacy" | "request" | "approval";

const BODY_LIMIT = 2_048;

export class Payment implements Dialect {
	receiptId = "";
	#transaction = "";
	readonly #api: Api;
	readonly #kind: Paid;

	constructor(api: Api, kind: Paid) {
		this.#api = api;
		this.#kind = kind;
	}

	/**
	 * Asks, pays, and asks again after what a rate limit wants, as long as no payment exists. Throws as `buy` of x402 does,
	 * and `PayanAgentError` for what the market refuses before a payment.
	 */
	async run(request: HttpRequest, payer: Purchase, deliver: Deliver): Promise<Bought> {
		for (let asks = 1; ; asks++) {
			try {
				const outcome = await buy(this.#api.means, request, payer, deliver, this);
				const { receiptId } = this;
				const detail = outcome.detail === "" && receiptId !== "" ? `receipt ${receiptId}` : outcome.detail;
				return { ...outcome, detail, transaction: outcome.transaction || this.#transaction, receiptId };
			} catch (error) {
				const afterMs = error instanceof PayanAgentError ? error.afterMs : undefined;
				if (afterMs === undefined || asks === ASKS) throw error;
				await pause(this.#api.means.timer, afterMs);
			}
		}
	}

	/** Takes the receipt and the transaction from a result that names them in its body. */
	take({ receiptId, txHash }: Json): void {
		this.receiptId ||= idOf(receiptId);
		this.#transaction = hashOf(txHash);
	}

	async unpaid(response: HttpResponse): Promise<void> {
		const refusal = await this.#api.refusal(response);
		if (response.status !== 409 || this.#kind !== "legacy") throw refusal;
		throw new PayanAgentError("EcosystemOffer", "this offer is not the market's own: buy it at /x402/<id>");
	}

	async paid(response: HttpResponse): Promise<PaymentAnswer | undefined> {
		const { status, headers } = response;
		const transaction = hashOf(headers.get("x-tx-hash"));
		this.receiptId = idOf(headers.get("x-receipt-id"));
		if (status >= 200 && status <= 299) return transaction === "" ? undefined : { kind: "served", transaction };
		if (transaction !== "" || this.receiptId !== "") {
			await response.discard();
			return this.#charged(status, transaction);
		}
		if (status >= 500) return this.#failed(response);
		if (status !== 409 || this.#kind !== "approval") return undefined;
		await response.discard();
		return unknown("settling", "the market says that the payment is being settled", "");
	}

	async #failed(response: HttpResponse): Promise<PaymentAnswer | undefined> {
		let body: Json;
		try {
			body = await fields(response, ["error", "message", "receiptId", "txHash"], BODY_LIMIT);
		} catch {
			return undefined;
		}
		this.receiptId = idOf(body.receiptId);
		const isSettled = [body.error, body.message].some((each) => textOf(each).startsWith("Payment settled"));
		return isSettled || this.receiptId !== "" ? this.#charged(response.status, hashOf(body.txHash)) : undefined;
	}

	#charged(status: number, transaction: string): PaymentAnswer {
		const receipt = this.receiptId === "" ? "" : `, receipt ${this.receiptId}`;
		return unknown("charged_undelivered", `paid, and the seller failed (${status})${receipt}`, transaction);
	}
}

function unknown(outcome: string, detail: string, transaction: string): PaymentAnswer {
	return { kind: "ended", state: "unknown", outcome, detail, transaction };
}

function hashOf(value: unknown): string {
	const hash = textOf(value);
	return /^0x[0-9a-fA-F]{64}$/.test(hash) ? hash.toLowerCase() : "";
}

function idOf(value: unknown): string {
	const id = textOf(value);
	return /^[A-Za-z0-9._~-]{1,128}$/.test(id) ? id : "";
}

/** How often a file is asked for that has been paid for, and how long after. */
const FILE_ASKS = 3;
const FILE_AGAIN_MS = 1_000;
/** Between the host of the file and where it lies. */
const FILE_REDIRECTS = 3;

/**
 * Delivers the file of a download offer, whose answer is `{receiptId, fileUrl, txHash}`. It may lie anywhere, so it is
 * asked for with nothing that is ours. Throws `PayanAgentError` `FileUnavailable`, never `HttpError`: it has been paid for,
 * and a payment that is sent again does not bring it.
 */
export async function deliverFile(api: Api, payment: Payment, response: HttpResponse, deliver: Deliver): Promise<void> {
	let reason = "the market named no file";
	try {
		const body = await fields(response, ["receiptId", "fileUrl", "txHash"], BODY_LIMIT);
		payment.take(body);
		const fileUrl = textOf(body.fileUrl);
		const isSecure = fileUrl.startsWith("https://") || !api.host.startsWith("https://");
		for (let asks = 1; fileUrl !== "" && isSecure && asks <= FILE_ASKS; asks++) {
			if (asks > 1) await pause(api.means.timer, FILE_AGAIN_MS * asks);
			const result = await fetchFile(api, fileUrl, deliver);
			if (result === "") return;
			reason = result;
		}
	} catch (error) {
		// What the sink says is its own.
		if (!(error instanceof ItemsError) && !isOfNetwork(error)) throw error;
		reason = error.name;
	}
	// Where the file lies may be a secret of the seller's.
	throw new PayanAgentError("FileUnavailable", `the file that was paid for cannot be had: ${reason}`);
}

/** A failure after which the same may succeed. */
function isOfNetwork(error: unknown): error is HttpError {
	return error instanceof HttpError && error.name !== "BodyTooLarge";
}

/** "" once it is delivered, or else why not. */
async function fetchFile(api: Api, url: string, deliver: Deliver): Promise<string> {
	try {
		const redirects = { limit: FILE_REDIRECTS, allowed: () => true };
		const response = await api.means.http.request({ method: "GET", url, redirects });
		if (response.status === 200) {
			await deliver(response);
			return "";
		}
		await response.discard();
		return `its host answered ${response.status}`;
	} catch (error) {
		if (!isOfNetwork(error)) throw error;
		return error.name;
	}
}
