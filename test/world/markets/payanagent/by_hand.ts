/** A client of the local PayanAgent, written with fetch and the official x402 packages. */
import { decodePaymentRequiredHeader, decodePaymentResponseHeader } from "@x402/core/http";
import type { PaymentRequired } from "@x402/core/types";
import test, { type ExecutionContext } from "ava";
import { type Chain, newSender, startChain } from "../../../../tools/world/chain.js";
import { type PayanAgent, startPayanAgent } from "../../../../tools/world/markets/payanagent/market.js";
import { newPayer, type Payer } from "../../../../tools/world/markets/payanagent/shop/payer.js";
import { type Answer, send } from "../send.js";

export let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

/** A market; without its limit for public requests, unless it is what the test is about. */
export async function open(t: ExecutionContext, limited = false): Promise<PayanAgent> {
	const market = await startPayanAgent(chain);
	if (!limited) market.limits.public = Number.POSITIVE_INFINITY;
	t.teardown(market.stop);
	return market;
}

export const said = ({ status, body }: Answer): string => `${status} ${body.error ?? ""}`.trim();
export const termsOf = ({ headers }: Answer): PaymentRequired =>
	decodePaymentRequiredHeader(headers.get("payment-required")!);
export const receiptOf = ({ headers }: Answer) => decodePaymentResponseHeader(headers.get("payment-response")!);
export const encode = (payment: unknown): string => Buffer.from(JSON.stringify(payment)).toString("base64");

/** Asks, pays what is asked, and sends the same again with the payment. */
export async function buy(
	market: PayanAgent,
	payer: Payer,
	method: string,
	path: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
	const asked = await send(market, method, path, body, headers);
	const payment = await payer.pay(termsOf(asked));
	return send(market, method, path, body, { ...headers, "PAYMENT-SIGNATURE": payment });
}

/** A buyer, a provider and someone else, each with a key. */
export async function people(market: PayanAgent) {
	const payer = await newPayer(chain);
	const wallet = newSender();
	const [buyer, provider, other] = [
		market.newAgent(payer.account.address),
		market.newAgent(wallet),
		market.newAgent(newSender()),
	];
	const as = (apiKey: string) => ({ Authorization: `Bearer ${apiKey}` });
	return {
		payer,
		wallet,
		providerId: provider.id,
		buyer: as(buyer.apiKey),
		provider: as(provider.apiKey),
		other: as(other.apiKey),
	};
}

/** What a buyer asks for, and where. */
export const wanted = { title: "Survey", description: "Survey the harbour", budgetMaxCents: 2_000 };
export const base = "/api/v1/requests";

/** An offer in a list. */
export interface Listed {
	readonly _id: string;
	readonly priceUsd: number;
	readonly priceCents: number;
	readonly buyUrl: string;
}
