/**
 * What Pactum refuses, and what this client refuses of what Pactum says. The document's table names statuses, and for a
 * 400 a message to read; the words that are looked for in it are a best reading of that.
 *
 * | name | of | what is done, or to be done |
 * |---|---|---|
 * | TokenRefused | 401 | a new token was asked for, once, and refused too |
 * | ApiKeyRefused | 401 | recover: the key is of no account any more |
 * | ApiKeyMissing | | configure the key that verify gave |
 * | PaymentRequired | 402 | expected of escrow orders alone |
 * | FieldMissing | 400 | give the order its query |
 * | ShippingAddressMissing | 400 | the configured address is set, and the order repeated once; else address |
 * | QuotaExceeded | 400 | wait |
 * | FundsTooLow | 400 | topup, or USDC for the hosted wallet |
 * | CodeRefused | 400 | register again: a code lasts 5 minutes, and is good once |
 * | NoRetriesLeft | 400 | dispute |
 * | RequestRefused | 400, other 4xx | read the message |
 * | NotFound | 404 | check the id |
 * | RateLimited | 429 | waited for as `Retry-After` says, three times |
 * | AnswerUnexpected | all else | asked again where that costs nothing |
 */

import { fields } from "../../../modules/encoding/json/items.js";
import { NamedError } from "../../../modules/encoding/named_error.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";

export type PactumErrorName =
	| "ApiKeyMissing"
	| "ApiKeyRefused"
	| "CodeRefused"
	| "FieldMissing"
	| "FundsTooLow"
	| "NoRetriesLeft"
	| "NotFound"
	| "PaymentRequired"
	| "QuotaExceeded"
	| "RateLimited"
	| "RequestRefused"
	| "ShippingAddressMissing"
	| "TokenRefused"
	// Not of the document's table
	| "AnswerMalformed"
	| "AnswerUnexpected"
	| "FileAddressUnsafe"
	| "IdMalformed"
	| "InputMalformed"
	| "NotPaid"
	| "OrderHashMismatch"
	| "PriceChanged"
	| "PriceMalformed"
	| "TopUpOutOfRange";

export class PactumError extends NamedError<PactumErrorName> {}

/** Characters of what the market says that get into a message. */
const LONGEST_WORDS = 160;

/** What was asked, as far as it tells one refusal from another. */
export interface Refused {
	readonly path: string;
	readonly auth: "token" | "key" | "none";
}

/** Reads an answer that is none of those expected. `secrets` are taken out of what it says. */
export async function refusalOf(
	response: HttpResponse,
	{ path, auth }: Refused,
	secrets: readonly string[],
): Promise<PactumError> {
	const { status } = response;
	const words = await wordsOf(response, secrets);
	const name = nameOf(status, path, auth, words);
	const todo = whatToDo(name);
	return new PactumError(name, `Pactum answered ${status}${words && ` (${words})`}: ${todo}`);
}

/** The names of what the market answers when it has not done what was asked of it. */
const REFUSALS: readonly PactumErrorName[] = Object.freeze([
	"ApiKeyMissing",
	"ApiKeyRefused",
	"CodeRefused",
	"FieldMissing",
	"FundsTooLow",
	"NoRetriesLeft",
	"NotFound",
	"PaymentRequired",
	"QuotaExceeded",
	"RateLimited",
	"RequestRefused",
	"ShippingAddressMissing",
	"TokenRefused",
] as const);

/** Whether what was asked for is certainly not done. */
export function isRefusal(error: unknown): boolean {
	if (error instanceof HttpError) return !error.sent;
	return error instanceof PactumError && REFUSALS.includes(error.name);
}

function nameOf(status: number, path: string, auth: Refused["auth"], words: string): PactumErrorName {
	if (status === 401) return auth === "token" ? "TokenRefused" : "ApiKeyRefused";
	if (status === 402) return "PaymentRequired";
	if (status === 404) return "NotFound";
	if (status === 429) return "RateLimited";
	if (status === 403 || status === 422) return "RequestRefused";
	if (status !== 400) return "AnswerUnexpected";
	if (/shipping/i.test(words)) return "ShippingAddressMissing";
	if (/quota/i.test(words)) return "QuotaExceeded";
	if (/insufficient/i.test(words)) return "FundsTooLow";
	if (/missing/i.test(words)) return "FieldMissing";
	if (path === "/v1/verify" || path === "/v1/recover") return "CodeRefused";
	return path.endsWith("/retry") && /retr(y|ies)/i.test(words) ? "NoRetriesLeft" : "RequestRefused";
}

function whatToDo(name: PactumErrorName): string {
	switch (name) {
		case "TokenRefused":
			return "a new token was refused too";
		case "PaymentRequired":
			return "only an order is paid for: ask for it by payment_method";
		case "FieldMissing":
			return "give the order what the item requires";
		case "ApiKeyRefused":
			return "get a new API key by register and recover";
		case "ShippingAddressMissing":
			return "set one by address";
		case "QuotaExceeded":
			return "wait before the next order";
		case "FundsTooLow":
			return "top up the credit, or send USDC to the hosted wallet";
		case "CodeRefused":
			return "register again for a new code: one lasts 5 minutes, and is good once";
		case "NoRetriesLeft":
			return "open a dispute";
		case "NotFound":
			return "check the id";
		case "RateLimited":
			return "ask less often";
		case "RequestRefused":
			return "change what it says before asking again";
		default:
			return "try again later";
	}
}

/** `error` and `message` of the body, in plain ASCII and without what must not be said. */
async function wordsOf(response: HttpResponse, secrets: readonly string[]): Promise<string> {
	let said: Readonly<Record<string, unknown>> = {};
	try {
		said = await fields(response, ["error", "message"], 1_024);
	} catch {
		// Whatever it is, the status is the answer.
	}
	let words = "";
	for (const part of [said.error, said.message]) {
		if (typeof part === "string") words += (words && ": ") + part;
	}
	for (const secret of secrets) if (secret !== "") words = words.split(secret).join("…");
	return words.replace(/[^ -~…]+/g, " ").slice(0, LONGEST_WORDS);
}
