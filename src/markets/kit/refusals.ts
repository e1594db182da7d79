/** Names an answer that is no success by a market's table of refusals. */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import type { HttpResponse } from "../../http/response.js";
import { redacted } from "../../http/shown.js";

/** One row of a market's table: it matches an answer that meets all of the conditions that it has. */
export interface RefusalRow<Name extends string> {
	readonly status?: number;
	/** The market's code for it, in lower case. */
	readonly code?: string;
	/** Part of what the market says, in lower case. */
	readonly word?: string;
	/** Kind of request, by the client's own names. */
	readonly on?: string;
	readonly name: Name;
	/** Names the remedy. */
	readonly advice: string;
}

/** The facts of an answer that rows are matched with. */
export interface Refused {
	readonly status: number;
	readonly code?: string;
	readonly words?: string;
	readonly on?: readonly string[];
}

/** The first row that matches, `undefined` if none does. */
export function rowFor<Name extends string>(
	rows: readonly RefusalRow<Name>[],
	{ status, code = "", words = "", on = [] }: Refused,
): RefusalRow<Name> | undefined {
	const lowerCode = code.toLowerCase();
	const lowerWords = words.toLowerCase();
	return rows.find(
		(row) =>
			(row.status === undefined || row.status === status) &&
			(row.code === undefined || row.code === lowerCode) &&
			(row.word === undefined || lowerWords.includes(row.word)) &&
			(row.on === undefined || on.includes(row.on)),
	);
}

/** The body of a refusal, if it is JSON of at most `limit` bytes. Never throws; the response is read or closed. */
export async function refusalBody(response: HttpResponse, limit: number): Promise<JsonText | undefined> {
	try {
		return readJson(await response.text(limit));
	} catch {
		response.close();
		return undefined;
	}
}

/** At most `limit` characters of what a market says, in plain ASCII and without `secrets`. */
export function plainWords(text: string, secrets: readonly string[], limit: number): string {
	return redacted(text, secrets)
		.replace(/[^ -~…]+/g, " ")
		.slice(0, limit);
}
