/**
 * Pays at PayanAgent by x402. The market has its own answers to a payment:
 *
 * | answer to a payment | meaning |
 * |---|---|
 * | 2xx | served; for native offers `X-Tx-Hash` is the transaction |
 * | other, with `X-Tx-Hash` or `X-Receipt-Id` | paid, and the seller failed: unknown, `charged_undelivered` |
 * | 5xx whose body has a `receiptId`, or says "Payment settled but …" | the same |
 * | 402 without terms | unknown, as in x402: never paid again |
 */

import { fields } from "../../../modules/encoding/json/items.js";
import type { HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import type { Purchase } from "../../wallet/purchase.js";
import type { PaymentAnswer } from "../../x402/answer.js";
import { buy, type Deliver, type Dialect, type Outcome } from "../../x402/client.js";
import { type Json, textOf } from "../kit/fields.js";
import { pause } from "../kit/pause.js";
import { type Api, ATTEMPTS } from "./api.js";
import { PayanAgentError } from "./errors.js";

/** The outcome of a purchase, with the market's receipt. */
export interface Bought extends Outcome {
	/** "" if the market named none. */
	readonly receiptId: string;
}

const BODY_LIMIT = 2_048;

export class Payment implements Dialect {
	receiptId = "";
	#transaction = "";
	readonly #api: Api;

	constructor(api: Api) {
		this.#api = api;
	}

	/**
	 * Asks and pays; while no payment exists, waits for a rate limit and asks again. Throws what `buy` of x402 throws, and
	 * `PayanAgentError` for a refusal before a payment.
	 */
	async run(request: HttpRequest, payer: Purchase, deliver: Deliver): Promise<Bought> {
		for (let asks = 1; ; asks++) {
			try {
				const outcome = await buy(this.#api.deps, request, payer, deliver, this);
				const { receiptId } = this;
				const detail = outcome.detail === "" && receiptId !== "" ? `receipt ${receiptId}` : outcome.detail;
				return { ...outcome, detail, transaction: outcome.transaction || this.#transaction, receiptId };
			} catch (error) {
				const afterMs = error instanceof PayanAgentError ? error.afterMs : undefined;
				if (afterMs === undefined || asks === ATTEMPTS.limit) throw error;
				await pause(this.#api.deps.timer, afterMs);
			}
		}
	}

	/** Takes receipt and transaction from a result whose body has them. */
	take({ receiptId, txHash }: Json): void {
		this.receiptId ||= idOf(receiptId);
		this.#transaction = hashOf(txHash);
	}

	async unpaid(response: HttpResponse): Promise<void> {
		throw await this.refusal(response);
	}

	protected refusal(response: HttpResponse): Promise<PayanAgentError> {
		return this.#api.refusal(response);
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
		return status >= 500 ? this.#failed(response) : undefined;
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
		return unknown("charged_undelivered", `paid, but the seller failed (${status})${receipt}`, transaction);
	}
}

export function unknown(outcome: string, detail: string, transaction: string): PaymentAnswer {
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
