/**
 * Being paid by a buyer before anything is done for it: challenge, verify, settle. As derNif/payanagent 31ce5fa has it:
 * lib/x402.ts `buildPaymentRequiredResponse`, lib/x402-settle.ts `settleSignedPayment`.
 */
import type { Request } from "express";
import type { Address, Hex } from "viem";
import { usdc } from "../../chain.js";
import { type Context, countPublic, dollars } from "./context.js";
import type { Micros } from "./money.js";
import { Refusal } from "./refusal.js";
import { CheckoutError, readPayment, termsHeader } from "./shop/checkout.js";
import { urlOf } from "./shop/site.js";

const maxTimeoutSeconds = 60;

export interface Charge {
	readonly amount: Micros;
	readonly payTo: Address;
	readonly description: string;
	/** Called once there is a payment, before it is settled. */
	readonly check?: () => void;
}

export interface Paid {
	readonly payer: Address;
	readonly txHash: Hex;
}

/** The words of the facilitator's rail beside the terms; a buyer sees them in its log. */
const WORDS = "Payment required. Include PAYMENT-SIGNATURE header with signed USDC transfer.";

/** The signed payment, under either of its headers. */
export const paymentOf = (request: Request): string | undefined =>
	request.header("payment-signature") ?? request.header("x-payment");

/**
 * The payment of a request. Without one: a 402 with `{error, priceUsd}`, its terms in `PAYMENT-REQUIRED` alone. With one
 * that is refused, or that does not settle: a 402 without terms. No answer has a payment response in a header.
 *
 * @throws {Refusal} 402, 429
 */
export async function charge(context: Context, request: Request, what: Charge): Promise<Paid> {
	const { checkout, limits } = context;
	const { amount, payTo, description } = what;
	const resource = { url: urlOf(request), description, mimeType: "application/json" };
	const terms = await checkout.terms(
		[{ amount: String(amount), token: usdc, payTo, maxTimeoutSeconds }],
		resource,
		WORDS,
	);
	const header = paymentOf(request);
	if (header === undefined) {
		countPublic(context, request, false);
		throw new Refusal(402, "Payment required", { priceUsd: dollars(context, amount) }, termsHeader(terms));
	}
	try {
		const { payer } = readPayment(header);
		limits.take("paid", payer, false);
		if (payer === payTo.toLowerCase()) throw new Refusal(400, "Cannot buy your own offer");
		await what.check?.();
		const settled = await checkout.settle(await checkout.verify(header, terms));
		if (!settled.success) throw new Refusal(402, `Payment settlement failed: ${settled.errorReason}`);
		return { payer: settled.payer as Address, txHash: settled.transaction as Hex };
	} catch (error) {
		if (!(error instanceof CheckoutError)) throw error;
		if (error.name === "PaymentMalformed") throw new Refusal(402, "Could not read payer wallet from payment");
		const isOther = error.message === "No matching payment requirements";
		throw new Refusal(402, `Payment ${isOther ? "integrity check" : "verification"} failed: ${error.message}`);
	}
}
