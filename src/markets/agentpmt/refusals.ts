/** Reads AgentPMT's refusals: by their code, by the operation's own meaning of a status, or by their status. */
import type { JsonText } from "../../../modules/encoding/json/text.js";
import type { HttpResponse } from "../../http/response.js";
import { redacted } from "../../http/shown.js";
import { retryAfter } from "../kit/pause.js";
import { type RefusalRow, refusalBody, rowFor } from "../kit/refusals.js";
import { isSegment } from "../kit/request.js";
import { AgentPmtError, type AgentPmtErrorName } from "./errors.js";

export type Row = RefusalRow<AgentPmtErrorName>;

const BY_CODE: readonly Row[] = Object.freeze([
	{ code: "external_signature_session_nonce_invalid", name: "SessionInvalid", advice: "open a new session" },
	{ code: "external_signature_session_nonce_expired", name: "SessionExpired", advice: "open a new session" },
	{
		code: "external_signature_malformed",
		name: "SignatureMalformed",
		advice: "report it: the same request would fail again",
	},
	{
		code: "external_signature_wallet_mismatch",
		name: "SignatureMismatch",
		advice: "report it: key, dialect or canonical JSON differ from what the market expects",
	},
	{
		code: "external_signature_request_replay",
		name: "RequestReplayed",
		advice: "this request id was used before: check the balance before calling again",
	},
	{ status: 402, on: "terms", name: "PaymentRequired", advice: "buy this action by x402" },
	{ status: 400, on: "suggestion", name: "CreditPackInvalid", advice: "buy credits in multiples of 500" },
	{
		status: 409,
		word: "in_progress",
		name: "PaymentInProgress",
		advice: "the same payment is being processed: wait, then send it again",
	},
	{ status: 409, word: "conflict", name: "Conflict", advice: "read the current state before asking again" },
] as const);

const BY_STATUS: readonly Row[] = Object.freeze([
	{ status: 400, name: "RequestInvalid", advice: "check the parameters against the action's definition" },
	{ status: 401, name: "SignatureRequired", advice: "sign the request, or pay by x402" },
	{ status: 402, name: "CreditsInsufficient", advice: "buy credits first" },
	{ status: 403, name: "Forbidden", advice: "publish a job's workflow as private" },
	{
		status: 404,
		name: "NotFound",
		advice: "look it up in the market's list; not every action can be paid by x402",
	},
	{ status: 409, name: "Conflict", advice: "read the current state before asking again" },
	{ status: 422, name: "ValidationFailed", advice: "send the fields that the market expects" },
	{ status: 429, name: "RateLimited", advice: "ask less often" },
] as const);

/** Bytes of a refusal that are read. */
const REFUSAL_LIMIT = 4_096;
/** Characters of the market's error text in a message. */
const WORDS_LIMIT = 300;
/** Characters of an error code. */
const CODE_LIMIT = 64;
/** The wait if `Retry-After` is a date. */
const FIRST_WAIT_MS = 1_000;

/**
 * Reads an error response. `rows` are the operation's own, for a status without an error code. The result contains none of
 * `secrets`, even if the market repeats them.
 */
export async function readRefusal(
	response: HttpResponse,
	operation: string,
	secrets: readonly string[],
	rows: readonly Row[] = [],
): Promise<AgentPmtError> {
	const { status } = response;
	const body = await refusalBody(response, REFUSAL_LIMIT);
	const [details, detail, accepts] = body?.members("details", "detail", "accepts") ?? [];
	const places = [body, details, detail];
	const code = textIn(places, "code");
	const isCode = code.length <= CODE_LIMIT && isSegment(code);
	const suggestedCredits = numberIn(places, "suggested_credits");
	const on: string[] = [];
	if (accepts !== undefined || response.headers.get("payment-required") !== undefined) on.push("terms");
	if (suggestedCredits !== undefined) on.push("suggestion");
	const refused = { status, code, words: code, on };
	const { name, advice } =
		rowFor(BY_CODE, refused) ?? rowFor(rows, refused) ?? rowFor(BY_STATUS, refused) ?? otherRow(status);
	const expected = textIn(places, "expected_message");
	const said = [
		`${operation} answered ${status}`,
		isCode ? code : "",
		quoted(textIn(places, "error") || textIn(places, "message") || invalidFields(detail)),
		suggestedCredits === undefined ? "" : `and suggests ${suggestedCredits}`,
		expected === "" ? "" : `and expected the signature of ${quoted(expected)}`,
	];
	const words = redacted(said.filter((part) => part !== "").join(" "), secrets);
	const afterMs = response.headers.get("retry-after") === undefined ? undefined : retryAfter(response, FIRST_WAIT_MS);
	return new AgentPmtError(name, `${words}: ${advice}`, { suggestedCredits, afterMs });
}

function otherRow(status: number): Pick<Row, "name" | "advice"> {
	return status >= 500
		? { name: "ServerFailed", advice: "the market does not charge a call that failed: ask again later" }
		: { name: "UnexpectedAnswer", advice: "report it: the market's documents have no such answer" };
}

function textIn(places: readonly (JsonText | undefined)[], name: string): string {
	for (const place of places) {
		const value = place?.members(name)[0]?.leaf;
		if (typeof value === "string") return value;
	}
	return "";
}

function numberIn(places: readonly (JsonText | undefined)[], name: string): number | undefined {
	for (const place of places) {
		const value = place?.members(name)[0]?.leaf;
		if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
	}
	return undefined;
}

/** Describes FastAPI's `detail[]`: which field is invalid, and why. Its `input` repeats what was sent, and is not read. */
function invalidFields(detail: JsonText | undefined): string {
	const fields = (detail?.elements(4) ?? []).map((each) => {
		const [loc, msg] = each.members("loc", "msg");
		const where = (loc?.elements(8) ?? []).map(({ leaf }) => String(leaf)).join(".");
		return `${where}: ${msg?.leaf}`;
	});
	return fields.join(", ");
}

function quoted(words: string): string {
	if (words === "") return "";
	return JSON.stringify(words.length > WORDS_LIMIT ? `${words.slice(0, WORDS_LIMIT)}…` : words);
}
