/** Serves receipts: the public feed, and each one. */
import type { Express } from "express";
import { usdc } from "../../chain.js";
import { type Context, countPublic, dollars, single } from "./context.js";
import { inCents } from "./money.js";
import type { Receipt } from "./receipts.js";
import { limitOf, Refusal } from "./refusal.js";
import { reply } from "./shop/site.js";

export function sayReceipt(receipt: Receipt, context: Context): object {
	const { id, type, subject, buyer, seller, amount, txHash, createdAt } = receipt;
	return {
		id,
		type,
		[type === "purchase" ? "offerId" : "requestId"]: subject,
		buyerWallet: buyer,
		sellerWallet: seller,
		amountUsd: dollars(context, amount),
		amountCents: inCents(amount),
		asset: usdc.address,
		network: context.chain.network,
		txHash,
		createdAt,
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
