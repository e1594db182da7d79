/**
 * Finds an order whose answer was lost among the account's orders: it is the one that was not listed before. The market lists
 * the newest 20, newest first; of each order, four bytes of its id's hash are kept.
 */
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { PactumApi } from "./api.js";
import { orders } from "./orders.js";

const HASH_SIZE = 4;
/** Orders that are kept and compared: the first of a longer list. */
const KNOWN_LIMIT = 32;

/** Returns the hashes of an item's orders that are listed now. */
export async function knownOrders(api: PactumApi, item: string): Promise<Uint8Array> {
	const known = new Uint8Array(KNOWN_LIMIT * HASH_SIZE);
	let count = 0;
	for await (const order of orders(api)) {
		if (order.item !== "" && order.item !== item) continue;
		known.set(hashOf(api, order.id), count * HASH_SIZE);
		if (++count === KNOWN_LIMIT) break;
	}
	return known.subarray(0, count * HASH_SIZE);
}

/** Returns the id of the one listed order that is not in `known`; `undefined` if there is none, or several. */
export async function findNew(api: PactumApi, item: string, known: Uint8Array): Promise<string | undefined> {
	const isCut = known.length === KNOWN_LIMIT * HASH_SIZE;
	let found: string | undefined;
	for await (const order of orders(api)) {
		if (order.item !== "" && order.item !== item) continue;
		const isKnown = includes(known, hashOf(api, order.id));
		if (isKnown && isCut) break;
		if (isKnown) continue;
		if (found !== undefined) return undefined;
		found = order.id;
	}
	return found;
}

function hashOf({ deps }: PactumApi, id: string): Uint8Array {
	return deps.keys.sha256(utf8.encode(id)).subarray(0, HASH_SIZE);
}

function includes(known: Uint8Array, hash: Uint8Array): boolean {
	for (let at = 0; at < known.length; at += HASH_SIZE) {
		if (hash.every((byte, i) => byte === known[at + i])) return true;
	}
	return false;
}
