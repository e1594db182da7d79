/** Paying AgentPMT by x402: terms in header and body, a bounded authorization, one attempt at a time. */
import type { PaymentRequired } from "@x402/core/types";
import type { Request, Response } from "express";
import type { Offer } from "../../resources.js";
import {
	CheckoutError,
	type Payment,
	readPayment,
	receiptHeader,
	type Settled,
	termsHeader,
} from "../payanagent/shop/checkout.js";
import { type Context, quoteKey } from "./context.js";
import { Refusal } from "./refusal.js";

/** Seconds that `validBefore` may lie ahead, and by which two clocks may differ. */
const mostSeconds = 240;
const clockSeconds = 5;
const mimeType = "application/json";

export interface Sale {
	readonly offers: readonly Offer[];
	readonly resource: PaymentRequired["resource"];
}

/** The 402 with terms. The body it was asked with is the only one that a payment for it may come with. */
export async function demand(context: Context, request: Request, { offers, resource }: Sale, error?: string) {
	const terms = await context.checkout.terms(offers, { ...resource, mimeType }, error);
	context.quoted.add(quoteKey(request));
	const { terms: where } = context.variants;
	return new Refusal(402, "PAYMENT_REQUIRED", terms.error ?? "", {
		headers: where === "body" ? {} : termsHeader(terms),
		body: where === "header" ? { success: false, error: "Payment required", code: "PAYMENT_REQUIRED" } : terms,
	});
}

/** Identifies a payment. @throws {Refusal} 400 */
export function paymentKey(header: string): string {
	try {
		const { payer, nonce } = readPayment(header);
		return `${payer}:${nonce}`.toLowerCase();
	} catch (error) {
		throw new Refusal(400, "X402_PAYMENT_MALFORMED", (error as Error).message);
	}
}

/** @throws {Refusal} 402 with fresh terms and the reason */
async function verify(context: Context, request: Request, sale: Sale, header: string): Promise<Payment> {
	try {
		if (readPayment(header).validBefore > Date.now() / 1000 + mostSeconds + clockSeconds) {
			throw new CheckoutError("PaymentInvalid", "invalid_exact_evm_payload_authorization_valid_before");
		}
		const resource = { ...sale.resource, mimeType };
		return await context.checkout.verify(header, await context.checkout.terms(sale.offers, resource));
	} catch (error) {
		if (error instanceof CheckoutError) throw await demand(context, request, sale, error.message);
		throw error;
	}
}

/**
 * Verifies the payment of a request and does the work, which settles it or not; meanwhile the payment is in progress.
 *
 * @throws {Refusal} 402 with fresh terms; 400; 409 while the same payment is under way
 */
export async function whilePaying<T>(
	context: Context,
	request: Request,
	sale: Sale,
	header: string,
	work: (payment: Payment) => Promise<T>,
): Promise<T> {
	const key = paymentKey(header);
	if (!context.quoted.has(quoteKey(request)))
		throw new Refusal(400, "X402_BODY_MISMATCH", "the paid request must have the body that the terms were asked with");
	if (context.inProgress.has(key))
		throw new Refusal(409, "X402_PAYMENT_IN_PROGRESS", "a verified x402 payment is already in progress");
	context.inProgress.add(key);
	try {
		return await work(await verify(context, request, sale, header));
	} finally {
		context.inProgress.delete(key);
	}
}

/**
 * Moves the money and sets the receipt header.
 *
 * @throws {Refusal} 402 without terms: whether the money moved is for the receipt, or the chain, to say
 */
export async function settle(context: Context, response: Response, payment: Payment): Promise<Settled> {
	const settled = await context.checkout.settle(payment);
	if (!settled.success) {
		const headers = receiptHeader(settled);
		throw new Refusal(402, "X402_SETTLEMENT_FAILED", settled.errorReason ?? "settlement failed", { headers });
	}
	response.set(receiptHeader(settled));
	return settled;
}
