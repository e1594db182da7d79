/**
 * Serves receipts: the public feed, and each one. Source: derNif/payanagent 31ce5fa, app/api/v1/receipts, and the table
 * of receipts in convex/schema.ts.
 */
import type { Express } from "express";
import { type Context, countPublic, single } from "./context.js";
import type { Receipt } from "./receipts.js";
import { limitOf, Refusal } from "./refusal.js";
import { reply } from "./shop/site.js";

export function sayReceipt(receipt: Receipt, context: Context): object {
	const { id, settlementType, subject, buyer, seller, amount, txHash, createdAt } = receipt;
	const isOfOffer = settlementType === "external" || context.offers.all.some((offer) => offer.id === subject);
	return {
		[context.variants.id]: id,
		_creationTime: Date.parse(createdAt),
		settlementType,
		status: "confirmed",
		[isOfOffer ? "offerId" : "requestId"]: subject,
		buyerId: context.agents.ofWallet(buyer)?.id ?? `agent of ${buyer}`,
		sellerId: context.agents.ofWallet(seller)?.id ?? `agent of ${seller}`,
		amountMicroUsd: Number(amount),
		amountCents: Math.round(Number(amount) / 10_000),
		currency: "USDC",
		chain: "base",
		network: context.chain.network,
		txHash,
		signature: context.receipts.signature(receipt),
	};
}

export function receiptRoutes(app: Express, context: Context): void {
	const { receipts } = context;

	app.get("/api/v1/receipts", (request, response) => {
		countPublic(context, request);
		const newest = [...receipts.all].reverse().slice(0, limitOf(request));
		reply(response, { receipts: newest.map((each) => sayReceipt(each, context)) });
	});

	app.get("/api/v1/receipts/:id", (request, response) => {
		countPublic(context, request);
		const receipt = receipts.all.find(({ id }) => id === request.params.id);
		if (!receipt) throw new Refusal(404, "Receipt not found");
		reply(response, single(context, "receipt", sayReceipt(receipt, context)));
	});
}
