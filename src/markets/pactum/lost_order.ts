/**
 * Finds an order whose answer was lost among the account's orders: it is the one that was not there before. What is kept
 * of those that were is a mark of eight bytes, the exclusive or of their hashes, which does not depend on their order.
 */
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Hashes } from "../../../modules/signer/signer.js";
import type { PactumApi } from "./api.js";
import { orders } from "./orders.js";
import type { PactumOrder } from "./shapes.js";

/** The mark of all orders of an item. */
export async function markOf(api: PactumApi, item: string): Promise<Uint8Array> {
	let mark: Uint8Array = new Uint8Array(8);
	for await (const order of orders(api)) {
		if (order.item === "" || order.item === item) mark = xor(mark, hashOf(api.deps.keys, order));
	}
	return mark;
}

/** The id of the one order beside those that `before` is the mark of; `undefined` for none, or several. */
export async function findNew(api: PactumApi, item: string, before: Uint8Array): Promise<string | undefined> {
	const hash = xor(before, await markOf(api, item));
	if (isZero(hash)) return undefined;
	for await (const order of orders(api)) {
		if (isZero(xor(hash, hashOf(api.deps.keys, order)))) return order.id;
	}
	return undefined;
}

function hashOf(hashes: Hashes, { id }: PactumOrder): Uint8Array {
	return hashes.sha256(utf8.encode(id)).subarray(0, 8);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
	return a.map((byte, i) => byte ^ b[i]!);
}

function isZero(bytes: Uint8Array): boolean {
	return bytes.every((byte) => byte === 0);
}
