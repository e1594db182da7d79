/**
 * The gateway. It knows its own tokens (7 days) and no API keys, but for `/market/auth/wallet`. What has a source is as
 * fredm45/Pactum 6ef967c has it, in packages/gateway/api/routes.py; the rest is as its newer document has it.
 *
 * | operation                           | auth  | checked                                                          |
 * |-------------------------------------|-------|------------------------------------------------------------------|
 * | POST `/market/auth/wallet`          |       | a valid API key (`auth_wallet`)                                  |
 * | POST `/market/discover`             |       | each parameter's type and range; limit 1 to 100                  |
 * | GET `/market/agents`                |       |                                                                  |
 * | POST `/market/buy/:item`            | token | a registered wallet (`_check_registered`); see `buy.ts`          |
 * | GET `/market/credit/balance`        | token |                                                                  |
 * | POST `/market/credit/topup`         | token | 1 to 500 dollars; stripe, alipay or wechat                       |
 * | GET `/market/orders[/:id]`          | token | one's own, the newest 20 (`my_orders`, `get_order`)              |
 * | POST `/market/orders/:id/confirm`   | token | delivered, once                                                  |
 * | POST `/market/orders/:id/retry`     | token | failed; three times                                              |
 * | POST `/market/orders/:id/dispute`   | token | a reason; paid for, and not done                                 |
 * | POST, GET `…/messages`              | token | `content` (`send_message`, `get_order_messages`)                 |
 * | GET `…/file`                        | token | delivered; 302 to the file host (`get_order_file`)               |
 * | PUT `/market/address`               | token | registered; all six fields, the country's postal code (`update_address`; packages/gateway/market/address.py) |
 */
import express, { type Express, type Request } from "express";
import type { Clock } from "../clock.js";
import type { Account, Accounts } from "./accounts.js";
import { buy, type OrderContext, outcome } from "./buy.js";
import { type Item, type Search, search, sellers } from "./catalogue.js";
import type { TopUps } from "./credit.js";
import { signedPath } from "./files.js";
import { dollars, micros } from "./money.js";
import type { Message, Order } from "./orders.js";
import {
	bearer,
	type Check,
	checkFields,
	isAddress,
	isInteger,
	isNumber,
	isText,
	oneOf,
	PROTOCOL_VERSION,
	Refusal,
	readBody,
	readFreely,
} from "./refusal.js";
import type { PactumVariant } from "./variant.js";

export interface Gateway extends OrderContext {
	readonly accounts: Accounts;
	readonly clock: Clock;
	readonly items: Item[];
	readonly topUps: TopUps;
	/** The URL of the file host. */
	readonly filesUrl: string;
}

const isTags: Check = (value) => Array.isArray(value) && value.every(isText);
const searchFields: Record<keyof Search, Check> = {
	q: (value) => typeof value === "string",
	tags: isTags,
	type: oneOf("digital", "physical"),
	max_price: (value) => isNumber(value) && (value as number) >= 0,
	seller: isAddress,
	sort: oneOf("relevance", "price_asc", "price_desc", "rating", "newest"),
	limit: isInteger(1, 100),
	offset: isInteger(0, Number.MAX_SAFE_INTEGER),
};
/** Orders of a list. */
const LISTED = 20;

const isTopUp: Check = (value) => isNumber(value) && (value as number) >= 1 && (value as number) <= 500;
const addressFields = ["name", "street", "city", "state", "postal_code", "country"];

/** A price as this variant writes it. */
const price = (value: bigint, { price }: PactumVariant): number | string =>
	price === "string" ? dollars(value) : Number(value) / 1_000_000;

function itemView({ price: value, seller, fulfilment, result, file, ...rest }: Item, variant: PactumVariant) {
	const avg_rating = sellers.find(({ wallet }) => wallet === seller)?.avg_rating;
	return { ...rest, price: price(value, variant), seller_wallet: seller, ...(avg_rating && { avg_rating }) };
}

function orderView(order: Order, variant: PactumVariant) {
	return {
		...outcome(order),
		item_id: order.item.item_id,
		amount: price(order.item.price, variant),
		payment_method: order.method,
		buyer_wallet: order.buyer.wallet.toLowerCase(),
		seller_wallet: order.item.seller,
		buyer_query: order.query ?? null,
		tx_hash: order.proof ?? null,
		created_at: new Date(order.createdAt).toISOString(),
		...(order.status === "failed" && { retries_left: order.retriesLeft }),
	};
}

export function gateway(context: Gateway): Express {
	const app = express();
	publicOperations(app, context);
	creditAndAddress(app, context);
	app.post("/market/buy/:item", async (request, response) => {
		const buyer = registeredOf(request, context);
		const item = context.items.find(({ item_id }) => item_id === request.params.item);
		if (!item) throw new Refusal("NOT_FOUND", `Item ${request.params.item} not found or not active`);
		await buy(context, item, buyer, request, response);
	});
	ownOrders(app, context);
	afterDelivery(app, context);
	return app;
}

function accountOf(request: Request, { accounts }: Gateway): Account {
	const token = bearer(request);
	if (token === undefined) throw new Refusal("AUTH_REQUIRED", undefined, {}, true);
	return accounts.ofToken(token);
}

function registeredOf(request: Request, context: Gateway): Account {
	const account = accountOf(request, context);
	if (account.isRegistered) return account;
	const next_step = { method: "POST", url: "https://api.pactum.cc/market/register", required: ["wallet"] };
	throw new Refusal("NOT_REGISTERED", undefined, { next_step }, true);
}

/** Postal codes by country: packages/gateway/market/address.py. Another country's need only be there. */
const POSTAL_CODES: Readonly<Record<string, RegExp>> = {
	US: /^\d{5}(-\d{4})?$/,
	CN: /^\d{6}$/,
	JP: /^\d{3}-?\d{4}$/,
	CA: /^[A-Za-z]\d[A-Za-z]\s?\d[A-Za-z]\d$/,
	GB: /^(GIR\s?0AA|[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2})$/,
};

function validAddress(fields: Record<string, unknown>): Record<string, string> {
	const text = fields as Record<string, string>;
	const address = { ...text, country: text.country!.trim().toUpperCase() };
	for (const name of addressFields.filter((name) => name !== "postal_code"))
		if (text[name]!.trim() === "") throw new Refusal("INVALID_ADDRESS", `Shipping address field '${name}' is required`);
	const code = text.postal_code!.trim();
	if (code === "" || !(POSTAL_CODES[address.country]?.test(code) ?? true))
		throw new Refusal("INVALID_ADDRESS", `Invalid postal code '${code}' for country '${address.country}'`);
	return address;
}

function publicOperations(app: Express, { accounts, items, variant }: Gateway): void {
	app.post("/market/auth/wallet", (request, response) => {
		const { api_key = "" } = readFreely(request) as { api_key?: string };
		if (api_key === "") throw new Refusal("MISSING_API_KEY");
		const account = accounts.ofKey(api_key, "Invalid Wallet API key");
		const wallet = account.wallet.toLowerCase();
		const { isRegistered: registered } = account;
		response.json({ protocol_version: PROTOCOL_VERSION, token: accounts.issueToken(account), wallet, registered });
	});
	app.post("/market/discover", (request, response) => {
		const found = search(items, readBody(request, {}, searchFields) as Search);
		response.json({ items: found.map((item) => itemView(item, variant)), count: found.length });
	});
	app.get("/market/agents", (_request, response) => {
		const agents = sellers.map((seller) => ({
			...seller,
			items: items.filter((item) => item.seller === seller.wallet).map((item) => itemView(item, variant)),
		}));
		response.json({ agents, count: agents.length });
	});
}

function creditAndAddress(app: Express, context: Gateway): void {
	app.get("/market/credit/balance", (request, response) => {
		const { balance, frozen } = accountOf(request, context).credit;
		response.json({ balance: dollars(balance), frozen: dollars(frozen), available: dollars(balance - frozen) });
	});
	app.post("/market/credit/topup", (request, response) => {
		const account = accountOf(request, context);
		const provider = oneOf("stripe", "alipay", "wechat");
		const amount = micros(readBody(request, { amount: isTopUp, provider }).amount);
		if (amount === undefined || amount % 10_000n !== 0n)
			throw new Refusal("INVALID_REQUEST", '"amount" is in dollars and whole cents.');
		response.json({ checkout_url: context.topUps.open(account, amount) });
	});
	app.put("/market/address", (request, response) => {
		const account = registeredOf(request, context);
		const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
		const { address } = readBody(request, { address: isObject }) as { address: Record<string, unknown> };
		const checks = Object.fromEntries(addressFields.map((name) => [name, isText]));
		account.shippingAddress = validAddress(checkFields(address, checks, {}, ["body", "address"]));
		response.json({ address: account.shippingAddress });
	});
}

function ownOrders(app: Express, context: Gateway): void {
	const { orders, variant } = context;
	app.get("/market/orders", async (request, response) => {
		const own = await orders.of(accountOf(request, context));
		// The newest 20, newest first: `get_wallet_orders` of the market's own gateway (market/service.py).
		const listed = own.slice(0, LISTED);
		response.json({ orders: listed.map((order) => orderView(order, variant)), count: listed.length });
	});
	app.get("/market/orders/:id", async (request, response) => {
		response.json(orderView(await orders.find(request.params.id, accountOf(request, context)), variant));
	});
	app.get("/market/orders/:id/messages", async (request, response) => {
		const { messages } = await orders.find(request.params.id, accountOf(request, context));
		response.json({ messages, count: messages.length });
	});
	app.post("/market/orders/:id/messages", async (request, response) => {
		const order = await orders.find(request.params.id, accountOf(request, context));
		const { content = "" } = readFreely(request) as { content?: string };
		if (content.trim() === "") throw new Refusal("MISSING_FIELDS", undefined, { missing: ["content"] });
		const { message_id, to_wallet } = say(order, "buyer_to_seller", content, context.clock.now());
		response.json({ message_id, to_wallet });
	});
}

/** Adds a message to an order's. */
export function say(order: Order, direction: Message["direction"], content: string, now: number): Message {
	const { buyer, item, messages, id } = order;
	const [from_wallet, to_wallet] =
		direction === "buyer_to_seller" ? ([buyer.wallet, item.seller] as const) : ([item.seller, buyer.wallet] as const);
	const message_id = `${id}-${messages.length + 1}`;
	const created_at = new Date(now).toISOString();
	const message: Message = { message_id, from_wallet, to_wallet, content, direction, created_at };
	messages.push(message);
	return message;
}

function afterDelivery(app: Express, context: Gateway): void {
	const { orders } = context;
	app.post("/market/orders/:id/confirm", async (request, response) => {
		const order = await orders.find(request.params.id, accountOf(request, context));
		await orders.confirm(order);
		response.json({ order_id: order.id, status: order.status });
	});
	app.post("/market/orders/:id/retry", async (request, response) => {
		const order = await orders.find(request.params.id, accountOf(request, context));
		await orders.retry(order);
		const { status, result, retriesLeft } = order;
		response.json(status === "failed" ? { status, retries_left: retriesLeft } : { status, result });
	});
	app.post("/market/orders/:id/dispute", async (request, response) => {
		const order = await orders.find(request.params.id, accountOf(request, context));
		const { reason } = readBody(request, { reason: isText }) as { reason: string };
		await orders.dispute(order, reason);
		response.json({ order_id: order.id, status: order.status });
	});
	app.get("/market/orders/:id/file", async (request, response) => {
		const { id, item, status } = await orders.find(request.params.id, accountOf(request, context));
		if (!item.file || (status !== "delivered" && status !== "completed")) throw new Refusal("NO_FILE");
		response.redirect(302, context.filesUrl + signedPath(id, item.file.name, context.clock));
	});
}
