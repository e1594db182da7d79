/** Requests about an order: its status, its result, another try by its seller, a dispute. */
import type { HttpResponse } from "../../http/response.js";
import { type Json, textOf } from "../kit/fields.js";
import { get, type PactumApi, post } from "./api.js";
import { PactumError } from "./errors.js";
import { idOf, ORDER_NAMES, orderOf, type PactumOrder, transactionOf, urlOf } from "./shapes.js";

const LIST = Object.freeze({ member: "orders", itemBytes: 4_096, names: ORDER_NAMES });

/** Yields all of the account's orders. */
export async function* orders(api: PactumApi): AsyncGenerator<PactumOrder, void> {
	for await (const order of api.list(get("/market/orders"), LIST)) yield orderOf(order);
}

/** Returns the state of an order, without its result. */
export async function order(api: PactumApi, id: string): Promise<PactumOrder> {
	return orderOf(await askOrder(api, id), id);
}

/** Requests the state of an order, which `orderOf` reads. */
export function askOrder(api: PactumApi, id: string): Promise<Json> {
	return api.read(get(orderPath(id)), ORDER_NAMES);
}

/** Returns an order as the market writes it, with its `result` of any size. The caller must read or close the body. */
export function result(api: PactumApi, id: string): Promise<HttpResponse> {
	return api.ask(get(orderPath(id)));
}

/**
 * Returns the delivered file from the host that has it. The caller must read or close the body. Throws `PactumError`
 * `NotFound` if there is none, `FileAddressUnsafe`, `AnswerUnexpected`.
 */
export async function file(api: PactumApi, id: string): Promise<HttpResponse> {
	const redirect = await api.ask({ ...get(`${orderPath(id)}/file`), expected: 302 });
	const location = redirect.headers.get("location");
	await redirect.discard();
	if (redirect.status !== 302) {
		throw new PactumError("AnswerUnexpected", `expected 302 and the file's address, got ${redirect.status}`);
	}
	const { scheme, href, origin } = urlOf(location);
	if (scheme !== "https" && redirect.url.scheme === "https") {
		throw new PactumError("FileAddressUnsafe", `expected the file at an https address, got ${origin}`);
	}
	const response = await api.fetch(href);
	if (response.status === 200) return response;
	await response.discard();
	// A file address is valid for an hour: a new one may work.
	throw new PactumError("AnswerUnexpected", `expected the file from ${origin}, got ${response.status}`);
}

/**
 * Lets the seller try a failed order again, without another payment; at most three times. Throws `PactumError`
 * `NoRetriesLeft`.
 */
export async function retry(api: PactumApi, id: string): Promise<PactumOrder> {
	return orderOf(await api.read({ ...post(`${orderPath(id)}/retry`), on: "retry" }, ORDER_NAMES), id);
}

/** Freezes the payment until the market has decided who gets it. */
export async function dispute(api: PactumApi, id: string, reason: string): Promise<void> {
	await api.tell(post(`${orderPath(id)}/dispute`, JSON.stringify({ reason })));
}

/** Names the transaction that paid an escrow order. Costs nothing, however often. Returns the order's status. */
export async function prove(api: PactumApi, item: string, id: string, transaction: string): Promise<string> {
	const { status } = await api.read(
		{
			...post(`/market/buy/${idOf(item)}`, "{}"),
			headers: [
				["X-Payment-Proof", transactionOf(transaction)],
				["X-Order-Id", idOf(id)],
			],
			repeat: "always",
		},
		["status"],
	);
	return textOf(status);
}

export function orderPath(id: string): string {
	return `/market/orders/${idOf(id)}`;
}
