/** Being paid by a buyer before anything is done for it: challenge, verify, settle. */
import type { Request, Response } from "express";
import type { Address, Hex } from "viem";
import { usdc } from "../../chain.js";
import { type Context, countPublic, dollars } from "./context.js";
import type { Micros } from "./money.js";
import { Refusal } from "./refusal.js";
import { CheckoutError, readPayment, receiptHeader, termsHeader } from "./shop/checkout.js";
import { urlOf } from "./shop/site.js";

const maxTimeoutSeconds = 60;

export interface Charge {
	readonly amount: Micros;
	readonly payTo: Address;
	readonly description: string;
}

export interface Paid {
	readonly payer: Address;
	readonly txHash: Hex;
}

/**
 * The payment of a request. Without one: a 402 with `{error, priceUsd}`, its terms in `PAYMENT-REQUIRED` alone. With one
 * that is refused, or that does not settle: a 402 without terms.
 *
 * @throws {Refusal} 402, 400, 429
 */
export async function charge(context: Context, request: Request, response: Response, what: Charge): Promise<Paid> {
	const { checkout, limits } = context;
	const { amount, payTo, description } = what;
	const resource = { url: urlOf(request), description, mimeType: "application/json" };
	const terms = await checkout.terms([{ amount: String(amount), token: usdc, payTo, maxTimeoutSeconds }], resource);
	const header = request.header("payment-signature");
	if (header === undefined) {
		countPublic(context, request);
		throw new Refusal(402, "Payment required", { priceUsd: dollars(context, amount) }, termsHeader(terms));
	}
	try {
		limits.take("paid", readPayment(header).payer);
		const settled = await checkout.settle(await checkout.verify(header, terms));
		if (!settled.success) throw new Refusal(402, `Payment failed: ${settled.errorReason}`, {}, receiptHeader(settled));
		response.set(receiptHeader(settled));
		return { payer: settled.payer as Address, txHash: settled.transaction as Hex };
	} catch (error) {
		if (!(error instanceof CheckoutError)) throw error;
		throw new Refusal(error.name === "PaymentMalformed" ? 400 : 402, `Payment invalid: ${error.message}`);
	}
}
