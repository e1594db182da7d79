/** Buying from the ecosystem: the seller's own terms and answer, passed on; only the receipt is the market's own work. */
import { decodePaymentRequiredHeader, decodePaymentResponseHeader } from "@x402/core/http";
import type { Request, Response } from "express";
import type { Address, Hex } from "viem";
import { type Context, countPublic } from "./context.js";
import { faultsOf } from "./input_schema.js";
import type { Offer } from "./offers.js";
import { Refusal } from "./refusal.js";
import { readPayment } from "./shop/checkout.js";
import { bodyOf } from "./shop/site.js";

const paymentHeaders = ["payment-signature", "x-payment"] as const;
const passedOn = ["content-type", "payment-required", "payment-response", "x-payment-response"] as const;

/** Who pays, if that can be read: of v2 and v1 alike. */
function payerOf(header: string): string {
	try {
		return readPayment(header).payer;
	} catch {
		return JSON.parse(Buffer.from(header, "base64").toString()).payload.authorization.from.toLowerCase();
	}
}

/** @throws {Refusal} 429, 400 */
function count(context: Context, request: Request, header: string | undefined): void {
	if (header === undefined) {
		countPublic(context, request);
		return;
	}
	let payer: string;
	try {
		payer = payerOf(header);
	} catch {
		throw new Refusal(400, "Payment invalid: not a payment of x402");
	}
	context.limits.take("paid", payer);
}

/** The seller's terms, moved to where this offer has them. */
function moveTerms({ terms }: Offer, header: string, body: string, response: Response): string {
	if (terms === "body") response.removeHeader("payment-required");
	if (terms === undefined || terms === "header") return body;
	response.set("content-type", "application/json");
	return JSON.stringify(decodePaymentRequiredHeader(header));
}

/** @throws {Refusal} 400, 402, 429, 502 */
export async function relay(
	context: Context,
	offer: Offer,
	input: Readonly<Record<string, unknown>>,
	request: Request,
	response: Response,
): Promise<void> {
	const payments = paymentHeaders.filter((name) => name in request.headers);
	const header = payments[0] && request.header(payments[0]);
	count(context, request, header);
	const faults = faultsOf(offer.inputSchema ?? {}, input);
	// The seller refuses such an input without settling.
	if (header !== undefined && faults.length > 0) throw new Refusal(400, `Invalid input: ${faults.join("; ")}`);

	const type = request.header("content-type");
	const answered = await fetch(offer.endpoint!, {
		method: request.method,
		headers: {
			...Object.fromEntries(payments.map((name) => [name, request.header(name)!])),
			...(type && { "content-type": type }),
		},
		...(request.method === "GET" ? {} : { body: new Uint8Array(bodyOf(request)) }),
	}).catch((error: Error) => {
		throw new Refusal(502, `The seller does not answer: ${error.message}`);
	});
	const body = await answered.text();
	// As the market's relay-buy.ts: whatever a seller answers to an unpaid request is passed on as 402.
	if (header === undefined && !answered.ok && answered.status !== 402) {
		response.status(402).end(body);
		return;
	}
	for (const name of passedOn) if (answered.headers.has(name)) response.set(name, answered.headers.get(name)!);
	const settlement = answered.headers.get("payment-response") ?? answered.headers.get("x-payment-response");
	if (answered.status === 402 && header !== undefined) return refusePaid(response, answered, body);
	if (answered.ok && settlement !== null && header !== undefined) {
		const { transaction } = decodePaymentResponseHeader(settlement);
		const parties = { buyer: payerOf(header) as Address, seller: payeeOf(header) };
		const txHash = transaction as Hex;
		context.receipts.add({ type: "purchase", subject: offer.id, ...parties, amount: offer.price, txHash });
	}
	const terms = answered.headers.get("payment-required");
	response.status(answered.status);
	response.end(answered.status === 402 && terms !== null ? moveTerms(offer, terms, body, response) : body);
}

function payeeOf(header: string): Address {
	const { authorization, permit2Authorization } = JSON.parse(Buffer.from(header, "base64").toString()).payload;
	return (authorization?.to ?? permit2Authorization.witness.to) as Address;
}

/** After a payment there are no terms any more, whoever refuses. */
function refusePaid(response: Response, answered: globalThis.Response, body: string): void {
	const header = answered.headers.get("payment-required");
	const reason = header ? decodePaymentRequiredHeader(header).error : (JSON.parse(body) as { error?: string }).error;
	response.removeHeader("payment-required");
	response.status(402).json({ error: `Payment invalid: ${reason ?? "the seller could not settle it"}` });
}
