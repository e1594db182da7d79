/** What AgentPMT says when it says no, and what is to be done about it. */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import { NamedError } from "../../../modules/encoding/named_error.js";
import type { HttpResponse } from "../../http/response.js";
import { retryAfter } from "../kit/pause.js";

export type AgentPmtErrorName =
	// Before anything is asked
	| "IdInvalid"
	| "OfferInvalid"
	| "ParametersInvalid"
	// The answer
	| "AccountUnauthorized"
	| "ActionAmbiguous"
	| "AnswerMalformed"
	| "Conflict"
	| "CreditPackInvalid"
	| "CreditsInsufficient"
	| "DueTimeMismatch"
	| "Forbidden"
	| "NotFound"
	| "PackPrice"
	| "PaymentInProgress"
	| "PaymentRequired"
	| "RateLimited"
	| "RequestInvalid"
	| "RequestReplayed"
	| "ServerFailed"
	| "SessionExpired"
	| "SessionInvalid"
	| "SignatureMalformed"
	| "SignatureMismatch"
	| "SignatureRequired"
	| "TransactionUnconfirmed"
	| "UnexpectedAnswer"
	| "ValidationFailed"
	| "WorkflowTokenInvalid";

/** What a caller can act on. */
interface Facts {
	readonly suggestedCredits?: number | undefined;
	readonly afterMs?: number | undefined;
}

export class AgentPmtError extends NamedError<AgentPmtErrorName> {
	/** The pack that the market sells instead: the next one up. */
	readonly suggestedCredits: number | undefined;
	/** Milliseconds until it is time to ask again, if the market says so and they are few. */
	readonly afterMs: number | undefined;

	constructor(name: AgentPmtErrorName, message: string, { suggestedCredits, afterMs }: Facts = {}) {
		super(name, message);
		this.suggestedCredits = suggestedCredits;
		this.afterMs = afterMs;
	}
}

/** What a status means where an operation's document says more than `NAMES`. */
export type Names = Readonly<Record<number, AgentPmtErrorName>>;

const NAMES: Names = Object.freeze({
	400: "RequestInvalid",
	401: "SignatureRequired",
	402: "CreditsInsufficient",
	403: "Forbidden",
	404: "NotFound",
	409: "Conflict",
	422: "ValidationFailed",
	429: "RateLimited",
});

const NAMES_BY_CODE: Readonly<Record<string, AgentPmtErrorName>> = Object.freeze({
	EXTERNAL_SIGNATURE_SESSION_NONCE_INVALID: "SessionInvalid",
	EXTERNAL_SIGNATURE_SESSION_NONCE_EXPIRED: "SessionExpired",
	EXTERNAL_SIGNATURE_MALFORMED: "SignatureMalformed",
	EXTERNAL_SIGNATURE_WALLET_MISMATCH: "SignatureMismatch",
	EXTERNAL_SIGNATURE_REQUEST_REPLAY: "RequestReplayed",
});

const ADVICE: Readonly<Partial<Record<AgentPmtErrorName, string>>> = Object.freeze({
	AccountUnauthorized: "set the account's bearer token, made of API key and budget key",
	ActionAmbiguous: "several actions have this slug: ask the vendor for another one",
	Conflict: "ask for the present state before asking again",
	CreditPackInvalid: "credits are sold in multiples of 500",
	CreditsInsufficient: "buy credits first",
	DueTimeMismatch: "list the due schedules again and advance what they name",
	Forbidden: "a job's workflow is published as private",
	NotFound: "look it up in the list; not every action can be paid by x402 directly",
	PaymentInProgress: "the same payment is under way: wait, and send the same again",
	PaymentRequired: "this action is paid by x402",
	RateLimited: "ask less often",
	RequestInvalid: "check the parameters against the action's own",
	RequestReplayed: "check the balance before anything that costs is repeated under a fresh request id",
	ServerFailed: "a call that failed is not charged; ask again later",
	SessionExpired: "open a new session",
	SessionInvalid: "open a new session",
	SignatureMalformed: "report it: the same again would fail again",
	SignatureMismatch: "report it: key, dialect or canonical JSON are not what the market expects",
	SignatureRequired: "sign the request, or pay by x402",
	TransactionUnconfirmed: "wait for more confirmations",
	ValidationFailed: "the market wants other fields",
	WorkflowTokenInvalid: "a token lasts 30 minutes: reserve the job again",
});

/** Bytes of a refusal that are looked at. */
const REFUSAL_LIMIT = 4_096;
/** Characters of the market's own words that a message has. */
const WORDS_LIMIT = 300;
/** The wait where `Retry-After` is a date. */
const FIRST_WAIT_MS = 1_000;

/** Reads an answer that is no 2xx. Nothing of `secrets` is in what it returns, even if the market repeats it. */
export async function readRefusal(
	response: HttpResponse,
	operation: string,
	secrets: readonly string[],
	names: Names = NAMES,
): Promise<AgentPmtError> {
	const { status } = response;
	const body = await bodyOf(response);
	const [details, detail, accepts] = body?.members("details", "detail", "accepts") ?? [];
	const places = [body, details, detail];
	const code = textIn(places, "code");
	const hasTerms = accepts !== undefined || response.headers.get("payment-required") !== undefined;
	const suggestedCredits = numberIn(places, "suggested_credits");
	const name = nameOf(status, code, hasTerms, suggestedCredits !== undefined, names);
	const expected = textIn(places, "expected_message");
	const said = [
		`${operation} answered ${status}`,
		code,
		quoted(textIn(places, "error") || textIn(places, "message") || invalidFields(detail)),
		suggestedCredits === undefined ? "" : `and suggests ${suggestedCredits}`,
		expected === "" ? "" : `and expected the signature of ${quoted(expected)}`,
	];
	const words = redacted(said.filter((part) => part !== "").join(" "), secrets);
	const advice = ADVICE[name];
	return new AgentPmtError(name, advice === undefined ? words : `${words}: ${advice}`, {
		suggestedCredits,
		afterMs: response.headers.get("retry-after") === undefined ? undefined : retryAfter(response, FIRST_WAIT_MS),
	});
}

/** `text` without anything that is in `secrets`. */
export function redacted(text: string, secrets: readonly string[]): string {
	for (const secret of secrets) {
		if (secret !== "") text = text.split(secret).join("…");
	}
	return text;
}

function nameOf(
	status: number,
	code: string,
	hasTerms: boolean,
	hasSuggestion: boolean,
	names: Names,
): AgentPmtErrorName {
	const byCode = Object.hasOwn(NAMES_BY_CODE, code) ? NAMES_BY_CODE[code] : undefined;
	if (byCode !== undefined) return byCode;
	if (status === 402 && hasTerms) return "PaymentRequired";
	if (status === 400 && hasSuggestion) return "CreditPackInvalid";
	if (status === 409 && /IN_PROGRESS/.test(code)) return "PaymentInProgress";
	if (status === 409 && /CONFLICT/.test(code)) return "Conflict";
	return names[status] ?? NAMES[status] ?? (status >= 500 ? "ServerFailed" : "UnexpectedAnswer");
}

async function bodyOf(response: HttpResponse): Promise<JsonText | undefined> {
	try {
		return readJson(await response.text(REFUSAL_LIMIT));
	} catch {
		// The status says what there is to say.
		return undefined;
	}
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

/** FastAPI's `detail[]`: where, and what is wrong there. Its `input` is what was sent, and stays unread. */
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
