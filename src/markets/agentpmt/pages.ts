/** Lists of AgentPMT, page by page and element by element: neither a list nor a page of it is ever held. */

import { items } from "../../../modules/encoding/json/items.js";
import { pick } from "../../../modules/encoding/json/pick.js";
import type { HttpResponse } from "../../http/response.js";
import { ENVELOPE } from "./answer.js";

/** A list in a market's answers. */
export interface List {
	readonly member: string;
	/** The longest element, in bytes. */
	readonly itemBytes: number;
	/** Of the members that are looked at, in elements and beside them. */
	readonly names: readonly string[];
}

/**
 * The elements of all pages of lists that are walked by page: `page` asks for one. Ends when the market names no next
 * page, or one that is not further on. Throws `ItemsError`, and what `page` throws.
 */
export async function* byPage(
	{ member, itemBytes, names }: List,
	page: (number: number) => Promise<HttpResponse>,
): AsyncGenerator<unknown, void> {
	for (let number = 1; ; ) {
		const list = items(await page(number), member, itemBytes, ENVELOPE, names);
		let item = await list.next();
		try {
			for (; item.done !== true; item = await list.next()) yield pick(item.value, names);
		} finally {
			await list.return(item.value);
		}
		const next = item.value.members("pagination")[0]?.members("next_page")[0]?.leaf;
		if (typeof next !== "number" || next <= number) return;
		number = next;
	}
}

/** The like by `limit` and `skip`: a page that is not full is the last. */
export async function* bySkip(
	{ member, itemBytes, names }: List,
	limit: number,
	page: (skip: number) => Promise<HttpResponse>,
): AsyncGenerator<unknown, void> {
	for (let skip = 0; ; skip += limit) {
		let count = 0;
		for await (const item of items(await page(skip), member, itemBytes, ENVELOPE, names)) {
			count++;
			yield pick(item, names);
		}
		if (count < limit) return;
	}
}
