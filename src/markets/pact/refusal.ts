/**
 * Refusals of Pact Network Market itself, in both spellings: `{"error":{"code":"RATE_LIMIT",…}}` as in its guide, and
 * `{"error":"pact_auth_stale",…}` as its gateway sends it.
 */
import type { HttpResponse } from "../../http/response.js";
import { leafText } from "../kit/fields.js";
import { type RefusalRow, refusalBody, rowFor } from "../kit/refusals.js";
import { PactError, type PactErrorName } from "./errors.js";

/** A longer body is a service's own error, not the market's. */
const BODY_LIMIT = 2_048;

/** The codes, with `_` for blanks. */
const REFUSALS: readonly (RefusalRow<PactErrorName> & { readonly code: string })[] = Object.freeze([
	{
		...{ code: "pact_auth_not_in_beta", name: "NotInBeta" },
		advice: "the beta key is missing, wrong or revoked: set a valid one",
	},
	{
		...{ code: "auth_failed", name: "BadSignature" },
		advice: "the signature did not verify against the agent's key: check key slot and clock",
	},
	{
		...{ code: "pact_auth_bad_sig", name: "BadSignature" },
		advice: "the signature did not verify against the agent's key: check the key slot",
	},
	{
		...{ code: "pact_auth_missing", name: "AuthMissing" },
		advice: "a signed call needs every x-pact header; an unsigned one may not name a wallet",
	},
	{ code: "pact_auth_stale", name: "AuthStale", advice: "the clock is more than 30 s off: set it by SNTP" },
	{
		...{ code: "pact_auth_replay", name: "AuthReplay" },
		advice: "the market has seen this nonce: the call may have been made",
	},
	{
		...{ code: "rate_limit", name: "RateLimited" },
		advice: "the key's cap is reached: call less often, or request a higher cap",
	},
	{
		...{ code: "payment_required", name: "AgentUnfunded" },
		advice: "fund the agent's USDC account and approve the market's allowance",
	},
	{
		...{ code: "endpoint_not_found", name: "EndpointNotFound" },
		advice: "no such endpoint on this network: list the endpoints",
	},
	{
		...{ code: "endpoint_ambiguous", name: "EndpointAmbiguous" },
		advice: "the endpoint is on several networks: configure one",
	},
	{ code: "endpoint_paused", name: "EndpointPaused", advice: "the endpoint is paused: try again later" },
	{ code: "not_implemented", name: "NotImplemented", advice: "the market cannot serve this endpoint" },
	{ code: "no_handler_for_endpoint", name: "NotImplemented", advice: "the market cannot serve this endpoint" },
	{
		...{ code: "balance_check_failed", name: "BalanceCheckFailed" },
		advice: "the market could not read the agent's balance: try again later",
	},
	{ code: "upstream_unreachable", name: "UpstreamUnreachable", advice: "the market could not reach the service" },
	{ code: "upstream_timeout", name: "UpstreamTimeout", advice: "the service did not answer the market in time" },
] satisfies (RefusalRow<PactErrorName> & { readonly code: string })[]);

export interface PactRefusal {
	readonly error: PactError;
	/** "" if the body names none. */
	readonly callId: string;
}

/** Reads the body of an error; `undefined` if it is not the market's own. Never throws; the response is read or closed. */
export async function readRefusal(response: HttpResponse): Promise<PactRefusal | undefined> {
	const { status } = response;
	const [error, callId] = (await refusalBody(response, BODY_LIMIT))?.members("error", "callId") ?? [];
	const [code, nestedId] = error?.isObject ? error.members("code", "call_id") : [error];
	const row = rowFor(REFUSALS, { status, code: leafText(code).replaceAll(" ", "_") });
	if (row === undefined) return undefined;
	const message = `the market answered ${status} ${row.code}: ${row.advice}`;
	return { error: new PactError(row.name, message), callId: callIdOf(leafText(nestedId) || leafText(callId)) };
}

/** Returns a call id that is safe in an address; "" for anything else. */
export function callIdOf(id: string): string {
	return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : "";
}
