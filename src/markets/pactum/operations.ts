/**
 * The operations of Pactum that neither a plan nor a console command reaches, as functions over its client: an account's
 * registration, browsing, the end of an order. None of them is in the image.
 */
import { isVisible, objectOf, textOf } from "../kit/fields.js";
import { walkBySkip } from "../kit/pages.js";
import type { Offer } from "../market.js";
import { get, type PactumApi, type PactumRequest, post } from "./api.js";
import { PactumError } from "./errors.js";
import { discovery, ITEM_LIMIT, type PricedItem, pricedItemOf } from "./items.js";
import { orderPath } from "./orders.js";

// An account. A person reads the code in a mail.

export interface PactumCredentials {
	/** A secret: it can spend the account's money. */
	readonly apiKey: string;
	readonly wallet: string;
}

/** Requests a code of 6 digits by mail: for `verify`, or for `recover` if the address has an account. */
export async function register(api: PactumApi, email: string): Promise<void> {
	await api.tell(ofWallet("/v1/register", { email }));
}

/** Opens an account. Throws `PactumError` `CodeRefused`: a code is valid for 5 minutes. */
export function verify(api: PactumApi, email: string, code: string): Promise<PactumCredentials> {
	return credentials(api, "/v1/verify", email, code);
}

/** Returns a new API key for an account. The old one stops working, and so does a client that has it. */
export function recover(api: PactumApi, email: string, code: string): Promise<PactumCredentials> {
	return credentials(api, "/v1/recover", email, code);
}

async function credentials(api: PactumApi, path: string, email: string, code: string): Promise<PactumCredentials> {
	const request = { ...ofWallet(path, { email, code }), secret: code, on: "code" } as const;
	const { api_key: apiKey, wallet_address: wallet } = await api.read(request, ["api_key", "wallet_address"]);
	if (!isVisible(apiKey)) {
		throw new PactumError("AnswerMalformed", `expected an API key from ${path}: recover the account`);
	}
	return { apiKey, wallet: textOf(wallet) };
}

function ofWallet(path: string, body: object): PactumRequest {
	return { ...post(path, JSON.stringify(body)), host: "wallet", auth: "none" };
}

// Browsing

/** Search parameters, all optional; names and values are the market's. */
export interface PactumSearch {
	/** Searched in name, description and features. */
	readonly q?: string;
	readonly tags?: readonly string[];
	readonly type?: "digital" | "physical";
	/** US dollars; 0 for free items only. */
	readonly max_price?: number;
	/** A seller's wallet. */
	readonly seller?: string;
	readonly sort?: "relevance" | "price_asc" | "price_desc" | "rating" | "newest";
	/** Items on a page, 1 to 100; 20 by default. All pages are walked. */
	readonly limit?: number;
	/** The number of items to skip. */
	readonly offset?: number;
}

export interface PactumItem extends Offer, PricedItem {
	readonly price: string;
	readonly exampleQueries: readonly string[];
	readonly features: readonly string[];
}

const PAGE = 20;
const ITEM_NAMES: readonly string[] = Object.freeze([
	...["item_id", "name", "price", "required", "description", "shipping"],
	...["query_format", "example_queries", "features"],
]);

/** Yields the items found; pages are fetched on demand. */
export async function* discover(api: PactumApi, search: PactumSearch = {}): AsyncGenerator<PactumItem, void> {
	const { limit = PAGE, offset = 0 } = search;
	const shape = { member: "items", itemBytes: ITEM_LIMIT, names: ITEM_NAMES };
	const page = (skip: number) => api.list(discovery({ ...search, limit, offset: skip }), shape);
	for await (const each of walkBySkip(api.deps.clock, limit, page, offset)) yield itemOf(each);
}

function itemOf(value: unknown): PactumItem {
	const priced = pricedItemOf(value);
	const { name, example_queries, features } = objectOf(value);
	return {
		...priced,
		name: textOf(name),
		exampleQueries: textsOf(example_queries),
		features: textsOf(features),
	};
}

function textsOf(value: unknown): string[] {
	return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

export interface PactumAgent {
	readonly wallet: string;
	/** "" if there is none. */
	readonly name: string;
	readonly rating: number | undefined;
}

const AGENTS = Object.freeze({
	...{ member: "agents", itemBytes: ITEM_LIMIT },
	names: Object.freeze(["wallet", "name", "avg_rating"]),
});

/** Yields the sellers. `discover` finds a seller's items by its wallet. */
export async function* agents(api: PactumApi): AsyncGenerator<PactumAgent, void> {
	for await (const each of api.list({ ...get("/market/agents"), auth: "none" }, AGENTS)) {
		const { wallet, name, avg_rating } = objectOf(each);
		const rating = Number(avg_rating ?? Number.NaN);
		yield { wallet: textOf(wallet), name: textOf(name), rating: Number.isFinite(rating) ? rating : undefined };
	}
}

// Orders

/** Releases the payment to the seller, which otherwise happens a day after delivery. */
export async function confirm(api: PactumApi, id: string): Promise<void> {
	await api.tell(post(`${orderPath(id)}/confirm`));
}

/** Sends the seller a message. */
export async function send(api: PactumApi, id: string, content: string): Promise<void> {
	await api.tell(post(`${orderPath(id)}/messages`, JSON.stringify({ content })));
}

export interface PactumMessage {
	readonly content: string;
	/** "" if the market does not say. */
	readonly direction: string;
	readonly time: string;
}

const MESSAGES = Object.freeze({
	...{ member: "messages", itemBytes: 4_096 },
	names: Object.freeze(["content", "direction", "created_at"]),
});

/** Yields the messages about an order. */
export async function* messages(api: PactumApi, id: string): AsyncGenerator<PactumMessage, void> {
	for await (const each of api.list(get(`${orderPath(id)}/messages`), MESSAGES)) {
		const { content, direction, created_at } = objectOf(each);
		yield { content: textOf(content), direction: textOf(direction), time: textOf(created_at) };
	}
}
