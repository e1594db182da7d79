/** The price of an item, and the requirements of an order. */

import { objectOf, textOf } from "../kit/fields.js";
import { walkBySkip } from "../kit/pages.js";
import type { PactumApi, PactumRequest } from "./api.js";
import { PactumError } from "./errors.js";
import { idOf, malformed, priceOf } from "./shapes.js";

/** Items on a page. */
const LIMIT = 100;
/** Bytes of one item. */
export const ITEM_LIMIT = 4_096;

const NAMES: readonly string[] = Object.freeze([
	...["item_id", "price", "required", "description", "shipping", "query_format"],
]);

/** The facts of an item that a purchase depends on. */
export interface PricedItem {
	readonly id: string;
	/** US dollars for one order; "0" is free. */
	readonly price: string;
	/** True if an order must have a query; `needsShipping` is true if a shipping address must be set first. */
	readonly needsQuery: boolean;
	readonly needsShipping: boolean;
	/** The format of a query; "" if the seller does not say. */
	readonly queryFormat: string;
}

/** Finds an item by walking all of them, since Pactum has no lookup by id. Throws `PactumError` `NotFound`. */
export async function findItem(api: PactumApi, id: string): Promise<PricedItem> {
	const page = (offset: number) =>
		api.list(discovery({ limit: LIMIT, offset }), { member: "items", itemBytes: ITEM_LIMIT, names: NAMES });
	for await (const each of walkBySkip(api.deps.clock, LIMIT, page)) {
		const item = pricedItemOf(each);
		if (item.id === id) return item;
	}
	throw new PactumError("NotFound", `discover finds no item ${id}: check the id`);
}

/** Builds POST /market/discover: a search, which needs no account. */
export function discovery(search: object): PactumRequest {
	const body = JSON.stringify(search);
	return { method: "POST", host: "gateway", path: "/market/discover", auth: "none", body, repeat: "always" };
}

export function pricedItemOf(value: unknown): PricedItem {
	if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed("an item");
	const { item_id, price, required, query_format } = objectOf(value);
	const { description, shipping } = objectOf(required);
	return {
		id: idOf(item_id),
		price: priceOf(price),
		needsQuery: description === true,
		needsShipping: shipping === true,
		queryFormat: textOf(query_format),
	};
}
