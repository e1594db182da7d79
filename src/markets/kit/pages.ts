/** Walks a market's lists, element by element and page by page: neither a list nor a page is ever held in memory. */
import { items } from "../../../modules/encoding/json/items.js";
import { pick } from "../../../modules/encoding/json/pick.js";
import type { Clock } from "../../device/clock.js";
import type { HttpResponse } from "../../http/response.js";
import { MarketError } from "./errors.js";
import type { Json } from "./fields.js";

/** Describes the list in an answer. */
export interface ListShape {
	/** The member that is the list. */
	readonly member: string;
	/** The limit on one element, in bytes. */
	readonly itemBytes: number;
	/** Members to keep, of elements and of the object around the list. */
	readonly names: readonly string[];
	/** The member that may hold the list instead of the body's object. */
	readonly envelope?: string;
}

/** Upper bounds on one walk, in pages and in milliseconds, in case the market never returns a last page. */
const PAGES = 100;
const LONGEST_MS = 120_000;

/** Yields the elements of one answer and returns the members around the list. Throws `ItemsError`, `HttpError`. */
export async function* elements(
	response: HttpResponse,
	{ member, itemBytes, names, envelope }: ListShape,
): AsyncGenerator<unknown, Json, void> {
	const list = items(response, member, itemBytes, envelope, names);
	let next = await list.next();
	try {
		for (; next.done !== true; next = await list.next()) yield pick(next.value, names);
		return pick(next.value, names) as Json;
	} finally {
		await list.return(next.value);
	}
}

/**
 * Yields the elements of all pages. `page` yields those of the page at a cursor, and returns the next page's cursor, or
 * `undefined` after the last. Throws `MarketError` `PagesEndless` for a page after the 100th or one begun after two minutes,
 * and what `page` throws.
 */
export async function* walk<Cursor, Element>(
	clock: Clock,
	first: Cursor,
	page: (cursor: Cursor) => AsyncGenerator<Element, Cursor | undefined, void>,
): AsyncGenerator<Element, void, void> {
	const start = clock.monotonic();
	let cursor: Cursor | undefined = first;
	for (let pages = 0; pages < PAGES && clock.monotonic() - start <= LONGEST_MS; pages++) {
		cursor = yield* page(cursor);
		if (cursor === undefined) return;
	}
	throw new MarketError(
		"PagesEndless",
		`the market's list has more than ${PAGES} pages or takes more than two minutes: narrow the search`,
	);
}

/** Yields the elements of pages that are requested by the number of elements to skip. A page that is not full is the last. */
export function walkBySkip<Element>(
	clock: Clock,
	limit: number,
	page: (skip: number) => AsyncGenerator<Element, unknown, void>,
	first = 0,
): AsyncGenerator<Element, void, void> {
	return walk(clock, first, async function* (skip: number): AsyncGenerator<Element, number | undefined, void> {
		let count = 0;
		for await (const element of page(skip)) {
			count++;
			yield element;
		}
		return count < limit ? undefined : skip + limit;
	});
}
