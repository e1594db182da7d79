/**
 * Refusals by Pactum, and this client's refusals of Pactum's answers. The document's table has statuses, and for a 400 a
 * message to read; the words searched for in it are undocumented.
 */

import { members } from "../../../modules/encoding/json/items.js";
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import { MarketError } from "../kit/errors.js";
import { leafText } from "../kit/fields.js";
import { retryAfter } from "../kit/pause.js";
import { plainWords, type RefusalRow, rowFor } from "../kit/refusals.js";

/** Refusals after which, according to the market, nothing was done. */
type RefusalErrorName =
	| "ApiKeyRefused"
	| "CodeRefused"
	| "FieldMissing"
	| "FundsTooLow"
	| "NoRetriesLeft"
	| "NotFound"
	| "NotRegistered"
	| "PaymentRequired"
	| "QuotaExceeded"
	| "RateLimited"
	| "RequestRefused"
	| "ShippingAddressMissing"
	| "TokenRefused";

export type PactumErrorName =
	| RefusalErrorName
	// Before anything is asked
	| "ApiKeyMissing"
	| "IdMalformed"
	| "InputMalformed"
	| "TopUpOutOfRange"
	// Of an answer
	| "AmountUnsafe"
	| "AnswerMalformed"
	| "AnswerUnexpected"
	| "FileAddressUnsafe"
	| "NotPaid"
	| "OrderHashMismatch"
	| "PriceChanged"
	| "PriceMalformed";

export class PactumError extends MarketError<PactumErrorName> {}

/**
 * `on`: the credential that was sent, "code" where a mailed code was, "retry" where a seller was to try again, "deposit"
 * where the hosted wallet was to pay.
 */
const REFUSALS: readonly RefusalRow<RefusalErrorName>[] = Object.freeze([
	{ status: 401, on: "token", name: "TokenRefused", advice: "a new token was refused as well: check the API key" },
	{ status: 401, name: "ApiKeyRefused", advice: "get a new API key by register and recover" },
	{ status: 402, name: "PaymentRequired", advice: "only an order can be paid for: order with payment_method" },
	{ status: 403, word: "not_registered", name: "NotRegistered", advice: "register the wallet at the market first" },
	{ status: 403, name: "RequestRefused", advice: "correct the request before repeating it" },
	{ status: 404, name: "NotFound", advice: "check the id" },
	{ status: 422, name: "RequestRefused", advice: "correct the request before repeating it" },
	{ status: 429, name: "RateLimited", advice: "ask less often" },
	{ status: 400, word: "shipping", name: "ShippingAddressMissing", advice: "set one with address" },
	{ status: 400, word: "quota", name: "QuotaExceeded", advice: "wait before the next order" },
	{
		...{ status: 400, word: "insufficient", name: "FundsTooLow" },
		advice: "top up the credit, or send USDC to the hosted wallet",
	},
	{ status: 400, word: "missing", name: "FieldMissing", advice: "add the field that the item requires to the order" },
	{
		...{ status: 400, on: "code", name: "CodeRefused" },
		advice: "register again for a new code: a code is valid for 5 minutes, and once",
	},
	{ status: 400, on: "retry", word: "retry", name: "NoRetriesLeft", advice: "open a dispute" },
	{ status: 400, on: "retry", word: "retries", name: "NoRetriesLeft", advice: "open a dispute" },
	{ status: 400, name: "RequestRefused", advice: "correct the request before repeating it" },
] satisfies RefusalRow<RefusalErrorName>[]);

/** Characters of the market's error text in a message. */
const LONGEST_WORDS = 160;
/** Bytes of a refusal that are read, and elements of its lists. */
const REFUSAL_LIMIT = 2_048;
const LIST_LIMIT = 4;

/**
 * Reads an unexpected answer. `secrets` are removed from its text; `waitMs` is the wait to use if the market asks for one
 * without saying how long.
 */
export async function refusalOf(
	response: HttpResponse,
	on: readonly string[],
	secrets: readonly string[],
	waitMs: number,
): Promise<PactumError> {
	const { status } = response;
	const words = await wordsOf(response, secrets);
	const row = rowFor(REFUSALS, { status, words, on });
	// The wallet service answers 400 for any failure, even after the deposit has left (its api/routes.py): only its text shows
	// that nothing has.
	const isUnclear = row === undefined || (status === 400 && row.name === "RequestRefused" && on.includes("deposit"));
	const { name, advice } = isUnclear ? ({ name: "AnswerUnexpected", advice: "try again later" } as const) : row;
	const afterMs = status === 429 || status >= 500 ? retryAfter(response, waitMs) : undefined;
	return new PactumError(name, `Pactum answered ${status}${words && ` (${words})`}: ${advice}`, afterMs);
}

/** True if the error says that nothing was done: the market says so, or the request was not sent. */
export function isRefusal(error: unknown): boolean {
	if (error instanceof HttpError) return !error.sent;
	const isOurs = error instanceof PactumError;
	return isOurs && (error.name === "ApiKeyMissing" || REFUSALS.some(({ name }) => name === error.name));
}

async function wordsOf(response: HttpResponse, secrets: readonly string[]): Promise<string> {
	try {
		const body = await members(response, ["error", "message", "missing", "next_step", "detail"], REFUSAL_LIMIT);
		return plainWords(partsOf(body).join(": "), secrets, LONGEST_WORDS);
	} catch {
		// The status alone names the refusal.
		return "";
	}
}

function partsOf(body: JsonText): string[] {
	const [error, message, missing, nextStep, detail] = body.members(
		...["error", "message", "missing", "next_step", "detail"],
	);
	const names = (missing?.elements(LIST_LIMIT) ?? []).map(leafText).join(", ");
	const parts = [leafText(error), leafText(message), names, stepOf(nextStep), ...detailOf(detail)];
	return parts.filter((part) => part !== "");
}

/** Describes a request that must come first: its method, address and fields. */
function stepOf(step: JsonText | undefined): string {
	const [method, url, required] = step?.members("method", "url", "required") ?? [];
	if (url === undefined) return "";
	const names = (required?.elements(LIST_LIMIT) ?? []).map(leafText).join(", ");
	return `${leafText(method)} ${leafText(url)}${names && ` (${names})`}`;
}

function detailOf(detail: JsonText | undefined): string[] {
	const text = leafText(detail);
	if (text.startsWith("{")) return partsOf(readJson(text));
	const wrong = (detail?.elements(LIST_LIMIT) ?? []).map((field) => {
		const [path, message] = field.members("loc", "msg");
		const names = (path?.elements(LIST_LIMIT) ?? []).map((name) => String(name.leaf)).join(".");
		return `${names}: ${leafText(message)}`;
	});
	return [text, wrong.join("; ")];
}
