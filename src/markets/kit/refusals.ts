/** Names error responses by a market's table of refusals. */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import type { HttpResponse } from "../../http/response.js";
import { redacted } from "../../http/shown.js";

/** A row of a market's table. It matches an answer that meets all its conditions. */
export interface RefusalRow<Name extends string> {
	readonly status?: number;
	/** The market's error code, in lower case. */
	readonly code?: string;
	/** A part of the market's error text, in lower case. */
	readonly word?: string;
	/** The kind of request, by the client's own names. */
	readonly on?: string;
	readonly name: Name;
	/** The remedy, for the message. */
	readonly advice: string;
}

/** The facts of an answer that rows are compared with. */
export interface Refused {
	readonly status: number;
	readonly code?: string;
	readonly words?: string;
	readonly on?: readonly string[];
}

/** Returns the first row that matches; `undefined` if none does. */
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

/** Returns the body of a refusal if it is JSON of at most `limit` bytes. Never throws; the response is read or closed. */
export async function refusalBody(response: HttpResponse, limit: number): Promise<JsonText | undefined> {
	try {
		return readJson(await response.text(limit));
	} catch {
		response.close();
		return undefined;
	}
}

/** Returns at most `limit` characters of a market's text, in plain ASCII and without `secrets`. */
export function plainWords(text: string, secrets: readonly string[], limit: number): string {
	return redacted(text, secrets)
		.replace(/[^ -~…]+/g, " ")
		.slice(0, limit);
}
