/**
 * POST `/market/buy/:item`: an order placed, free or by credit or by escrow (402), and, with the two headers, the proof
 * that an escrow order was paid. The proof is looked for on the chain: a successful transaction in which this escrow says
 * `Deposited` for this order, by the buyer's wallet, for the seller, of exactly the amount.
 */
import type { Request, Response } from "express";
import { isHash } from "viem";
import { type Chain, usdc } from "../../chain.js";
import type { Account } from "./accounts.js";
import type { Item } from "./catalogue.js";
import { type Escrow, orderIdOnChain } from "./escrow.js";
import type { Order, Orders } from "./orders.js";
import { isText, oneOf, Refusal, readBody } from "./refusal.js";
import type { PactumVariant } from "./variant.js";

/** What a 402 lets the buyer take its time for; a later proof is accepted all the same. */
const PAYMENT_MINUTES = 5;

export interface Shop {
	readonly chain: Chain;
	readonly escrow: Escrow;
	readonly orders: Orders;
	readonly variant: PactumVariant;
}

/** What every answer about a purchase has. */
export const outcome = ({ id, status, result }: Order) => ({
	order_id: id,
	status,
	...(result !== undefined && { result }),
});

export async function buy(shop: Shop, item: Item, buyer: Account, request: Request, response: Response) {
	if (request.header("x-payment-proof") !== undefined || request.header("x-order-id") !== undefined)
		return prove(shop, item, buyer, request, response);
	const fields = readBody(request, {}, { query: isText, payment_method: oneOf("credit", "escrow") });
	const query = fields.query as string | undefined;
	if (item.required?.description && query === undefined)
		throw new Refusal("MISSING_FIELDS", 'This item needs a "query".');
	if (item.required?.shipping && !buyer.shippingAddress) throw new Refusal("SHIPPING_REQUIRED");

	const { orders } = shop;
	if (item.price > 0n && fields.payment_method !== "credit")
		return response.status(402).json(terms(shop, orders.create(item, buyer, "escrow", query)));
	const { balance, frozen } = buyer.credit;
	if (balance - frozen < item.price) throw new Refusal("INSUFFICIENT_CREDIT");
	buyer.credit.frozen += item.price;
	const order = orders.create(item, buyer, item.price > 0n ? "credit" : "free", query);
	orders.fulfil(order);
	return response.json(outcome(order));
}

function terms({ chain, escrow, variant }: Shop, { id, item, createdAt }: Order) {
	const hash = orderIdOnChain(id);
	return {
		error: "PAYMENT_REQUIRED",
		order_id: id,
		recipient: item.seller,
		amount_units: Number(item.price),
		currency: "USDC",
		network: chain.network,
		expires: new Date(createdAt + PAYMENT_MINUTES * 60_000).toISOString(),
		escrow: {
			contract: escrow.address,
			usdc_contract: usdc.address,
			order_id_bytes32: variant.bytes32Prefix ? hash : hash.slice(2),
			...variant.escrow,
		},
		...variant.terms,
	};
}

async function prove(
	{ escrow, orders, variant }: Shop,
	item: Item,
	buyer: Account,
	request: Request,
	response: Response,
) {
	readBody(request, {});
	const proof = request.header("x-payment-proof");
	const id = request.header("x-order-id");
	if (proof === undefined || id === undefined)
		throw new Refusal("MISSING_FIELDS", "X-Payment-Proof and X-Order-Id go together.");
	const order = await orders.find(id, buyer);
	if (order.item !== item || order.method !== "escrow")
		throw new Refusal("INVALID_REQUEST", `Order ${id} is not an escrow order of this item.`);
	const again = order.proof !== undefined && order.proof === proof.toLowerCase();
	if (again && variant.repeatedProof === "accepted") return response.json(outcome(order));
	if (order.status !== "created")
		throw new Refusal("INVALID_REQUEST", `Order status is '${order.status}', expected 'created'`);

	if (!isHash(proof)) throw new Refusal("INVALID_REQUEST", "X-Payment-Proof must be a transaction hash.");
	const deposit = await escrow.depositOf(proof, id);
	const matches =
		deposit?.buyer.toLowerCase() === buyer.wallet.toLowerCase() &&
		deposit.seller.toLowerCase() === item.seller &&
		deposit.amount === item.price;
	if (!matches) throw new Refusal("INVALID_REQUEST", "No matching Deposited event found in transaction.");
	order.proof = proof.toLowerCase() as typeof proof;
	orders.fulfil(order);
	return response.json(outcome(order));
}
