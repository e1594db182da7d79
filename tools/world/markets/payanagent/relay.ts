/**
 * Buying from the ecosystem: the seller's own terms and answer, passed on; only the receipt is the market's own work. As
 * derNif/payanagent 31ce5fa has it, lib/relay-buy.ts:
 *
 * - the method is the buyer's, the query does not go along, and of the headers only those in `FORWARDED` do;
 * - to a request without a payment, whatever the seller answers becomes a 402, also what it gives away for nothing;
 * - terms are passed on where the seller has them, `resource.url` pointing back to the market, also after a payment;
 * - `X-Receipt-Id` comes with a 2xx alone, and `X-Tx-Hash` never.
 */
import { decodePaymentResponseHeader } from "@x402/core/http";
import type { Request, Response } from "express";
import type { Address, Hex } from "viem";
import { type Context, countPublic } from "./context.js";
import type { Offer } from "./offers.js";
import { Refusal } from "./refusal.js";
import { readPayment } from "./shop/checkout.js";
import { bodyOf, urlOf } from "./shop/site.js";

const PAYMENT_HEADERS = ["x-payment", "payment-signature", "payment"] as const;
const FORWARDED = ["accept", "accept-language", "content-type", "payment-required", ...PAYMENT_HEADERS] as const;
const CHALLENGE_HEADERS = ["payment-required", "x-payment-required", "www-authenticate"] as const;
/** Headers about the seller's own connection and origin, which the market does not relay. */
const STRIPPED =
	/^(content-encoding|content-length|transfer-encoding|connection|set-cookie2?|www-authenticate|proxy-authenticate|strict-transport-security|content-security-policy.*)$/;

/** Returns the payer, if it can be read, from v2 and v1 alike. */
function payerOf(header: string): string | undefined {
	try {
		return readPayment(header).payer;
	} catch {
		return authorizationOf(header)?.from?.toLowerCase();
	}
}

function authorizationOf(header: string): { readonly from?: string; readonly to?: string } | undefined {
	try {
		return JSON.parse(Buffer.from(header, "base64").toString()).payload?.authorization;
	} catch {
		return undefined;
	}
}

/** The seller's terms as this offer has them: in another place, for a test. */
function moveTerms({ terms }: Offer, headers: Headers, body: string): string {
	const value = headers.get("payment-required");
	if (terms === undefined || terms === "header" || value === null) return body;
	if (terms !== "both") headers.delete("payment-required");
	if (terms === "x-payment-required" || terms === "www-authenticate") headers.set(terms, value);
	return terms === "body" || terms === "both" ? Buffer.from(value, "base64").toString() : body;
}

/** The text with its resource's address replaced, if it is JSON that has one. */
function redirected(text: string, url: string): string {
	try {
		const json = JSON.parse(text) as { resource?: { url?: string } };
		if (json?.resource?.url) json.resource.url = url;
		return JSON.stringify(json);
	} catch {
		return text;
	}
}

/** @throws {Refusal} 429, 502 */
export async function relay(context: Context, offer: Offer, request: Request, response: Response): Promise<void> {
	const payment = PAYMENT_HEADERS.map((name) => request.header(name)).find((value) => value !== undefined);
	if (payment === undefined) countPublic(context, request, false);
	const headers = FORWARDED.filter((name) => name in request.headers).map((name) => [name, request.header(name)!]);
	const body = request.method === "GET" ? null : new Uint8Array(bodyOf(request));
	const init = { method: request.method, headers: Object.fromEntries(headers), body, redirect: "manual" } as const;
	const answered = await fetch(offer.endpoint!, init).catch(() => {
		throw new Refusal(502, "Failed to reach the offer endpoint");
	});
	const passedOn = new Headers(answered.headers);
	let text = await answered.text();
	for (const [name, value] of passedOn) if (!STRIPPED.test(name)) response.set(name, value);
	response.type(answered.headers.get("content-type") || "application/json");
	if (payment === undefined || answered.status === 402) {
		const url = urlOf(request);
		text = moveTerms(offer, passedOn, text);
		response.removeHeader("payment-required");
		for (const name of CHALLENGE_HEADERS) {
			const value = passedOn.get(name);
			if (value === null) continue;
			const decoded = redirected(Buffer.from(value, "base64").toString(), url);
			response.set(name, decoded.startsWith("{") ? Buffer.from(decoded).toString("base64") : value);
		}
		response.status(402).end(redirected(text, url));
		return;
	}
	const receipt = answered.ok ? record(context, offer, payment, answered) : undefined;
	if (receipt !== undefined) response.set("X-Receipt-Id", receipt.id);
	response.set("X-Routed-Through", "payanagent");
	response.status(answered.status).end(text);
}

function record({ receipts }: Context, offer: Offer, payment: string, { headers }: globalThis.Response) {
	const buyer = payerOf(payment);
	const settlement = headers.get("x-payment-response") ?? headers.get("payment-response");
	// The market knows whom an offer pays from its catalogue; here the payment says so.
	const seller = authorizationOf(payment)?.to;
	if (buyer === undefined || seller === undefined) return undefined;
	const txHash = (settlement === null ? "" : decodePaymentResponseHeader(settlement).transaction) as Hex;
	const parties = { buyer: buyer as Address, seller: seller as Address };
	return receipts.add({ settlementType: "external", subject: offer.id, ...parties, amount: offer.price, txHash });
}
