/**
 * POST `/market/buy/:item`: an order placed, free or by credit or by escrow (402), and, with the two headers, the proof
 * that an escrow order was paid. The proof is looked for on the chain: a successful transaction in which this escrow says
 * `Deposited` for this order, by the buyer's wallet, of exactly the amount.
 *
 * Source: fredm45/Pactum 6ef967c, packages/gateway/api/routes.py `buy`, packages/gateway/market/service.py `create_order`
 * and `confirm_payment`. Stricter here: the order must be the buyer's own and of the item in the path, the seller the item's.
 */
import type { Request, Response } from "express";
import { isHash } from "viem";
import { type Chain, usdc } from "../../chain.js";
import type { Account } from "./accounts.js";
import type { Item } from "./catalogue.js";
import { type Escrow, orderIdOnChain } from "./escrow.js";
import { dollars, truncated } from "./money.js";
import type { Order, Orders } from "./orders.js";
import { isText, oneOf, PROTOCOL_VERSION, Refusal, readBody } from "./refusal.js";
import type { PactumVariant } from "./variant.js";

/** Minutes that a 402 gives the buyer; a later proof is accepted all the same. */
const PAYMENT_MINUTES = 5;

export interface OrderContext {
	readonly chain: Chain;
	readonly escrow: Escrow;
	readonly orders: Orders;
	readonly variant: PactumVariant;
}

/** The members of every answer about a purchase. */
export const outcome = ({ id, status, result }: Order) => ({
	order_id: id,
	status,
	...(result !== undefined && { result }),
});

export async function buy(context: OrderContext, item: Item, buyer: Account, request: Request, response: Response) {
	const proof = request.header("x-payment-proof");
	if (proof !== undefined) return prove(context, item, buyer, proof, request, response);
	const fields = readBody(request, {}, { query: isText, payment_method: oneOf("credit", "escrow") });
	const query = fields.query as string | undefined;
	if (item.required?.description && (query ?? "").trim() === "")
		throw new Refusal("MISSING_FIELDS", undefined, { missing: ["query"] });
	if (item.required?.shipping && !buyer.shippingAddress) {
		const required_fields = ["name", "street", "city", "state", "postal_code", "country"];
		const set_address_url = "https://api.pactum.cc/market/address";
		throw new Refusal("SHIPPING_REQUIRED", undefined, { required_fields, set_address_url });
	}

	const { orders } = context;
	if (item.price > 0n && fields.payment_method !== "credit")
		return response.status(402).json(terms(context, orders.create(item, buyer, "escrow", query)));
	const { balance, frozen } = buyer.credit;
	if (balance - frozen < item.price) throw new Refusal("INSUFFICIENT_CREDIT");
	buyer.credit.frozen += item.price;
	const order = orders.create(item, buyer, item.price > 0n ? "credit" : "free", query);
	orders.fulfil(order);
	return response.json({ ...outcome(order), protocol_version: PROTOCOL_VERSION });
}

function terms({ escrow, variant }: OrderContext, { id, item, createdAt }: Order) {
	const hash = orderIdOnChain(id);
	return {
		protocol_version: PROTOCOL_VERSION,
		error: "PAYMENT_REQUIRED",
		order_id: id,
		recipient: item.seller,
		amount_units: Number(truncated(dollars(item.price))),
		currency: "USDC",
		network: "testnet",
		expires: `${new Date(createdAt + PAYMENT_MINUTES * 60_000).toISOString().slice(0, 19)}Z`,
		escrow: {
			contract: escrow.address,
			usdc_contract: usdc.address,
			order_id_bytes32: variant.bytes32Prefix ? hash : hash.slice(2),
			paymaster_url: "https://api.developer.coinbase.com/rpc/v1/base/an-api-key-of-theirs",
			steps: [
				"1. approve USDC to escrow contract (type(uint256).max, only needed once)",
				"2. deposit(order_id_bytes32, seller_address, amount_in_units) on escrow contract",
			],
			...variant.escrow,
		},
		...variant.terms,
	};
}

async function prove(
	{ escrow, orders, variant }: OrderContext,
	item: Item,
	buyer: Account,
	proof: string,
	request: Request,
	response: Response,
) {
	readBody(request, {});
	const id = request.header("x-order-id");
	if (id === undefined) throw new Refusal("MISSING_FIELDS", undefined, { missing: ["X-Order-Id header"] });
	const order = await orders.find(id, buyer);
	if (order.item !== item || order.method !== "escrow")
		throw new Refusal("INVALID_REQUEST", `Order ${id} is not an escrow order of this item.`);
	const again = order.proof !== undefined && order.proof === proof.toLowerCase();
	if (again && variant.repeatedProof === "accepted") return response.json(outcome(order));
	if (order.status !== "created")
		throw new Refusal("INVALID_REQUEST", `Order status is '${order.status}', expected 'created' or 'pending'`);

	if (!isHash(proof))
		throw new Refusal("INVALID_REQUEST", "Transaction verification failed: Non-hexadecimal digit found");
	const deposit = await escrow.depositOf(proof, id);
	const matches =
		deposit?.buyer.toLowerCase() === buyer.wallet.toLowerCase() &&
		deposit.seller.toLowerCase() === item.seller &&
		deposit.amount === truncated(dollars(item.price));
	if (!matches) {
		const remedy = "Ensure you called escrow.deposit() with the correct order_id, seller, and amount.";
		throw new Refusal("INVALID_REQUEST", `No matching Deposited event found in transaction. ${remedy}`);
	}
	order.proof = proof.toLowerCase() as typeof proof;
	orders.fulfil(order);
	return response.json({ ...outcome(order), protocol_version: PROTOCOL_VERSION });
}
