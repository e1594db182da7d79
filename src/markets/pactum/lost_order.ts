/**
 * An order whose answer was lost, found among the account's orders: it is the one that was not there before. What is kept
 * of those that were is a mark of eight bytes, the exclusive or of their hashes: it has one more when there is one more,
 * in whatever order the market lists them.
 */
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Hashes } from "../../../modules/signer/signer.js";
import type { Order } from "./shapes.js";

/** The operations of the market that are needed here. */
interface List {
	orders(): AsyncGenerator<Order, void>;
}

/** Of all orders of an item. */
export async function markOf(list: List, hashes: Hashes, item: string): Promise<Uint8Array> {
	let mark: Uint8Array = new Uint8Array(8);
	for await (const order of list.orders()) {
		if (order.item === "" || order.item === item) mark = xor(mark, hashOf(hashes, order));
	}
	return mark;
}

/** The id of the one order that is there beside those that `before` is the mark of; `undefined` for none, or several. */
export async function findNew(
	list: List,
	hashes: Hashes,
	item: string,
	before: Uint8Array,
): Promise<string | undefined> {
	const hash = xor(before, await markOf(list, hashes, item));
	if (isZero(hash)) return undefined;
	for await (const order of list.orders()) if (isZero(xor(hash, hashOf(hashes, order)))) return order.id;
	return undefined;
}

function hashOf(hashes: Hashes, { id }: Order): Uint8Array {
	return hashes.sha256(utf8.encode(id)).subarray(0, 8);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
	return a.map((byte, i) => byte ^ b[i]!);
}

function isZero(bytes: Uint8Array): boolean {
	return bytes.every((byte) => byte === 0);
}
