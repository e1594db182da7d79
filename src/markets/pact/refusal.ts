/**
 * What Pact Network Market itself refuses, in both of its spellings: `{"error":{"code":"RATE_LIMIT",…}}` as its guide has
 * it, `{"error":"pact_auth_stale",…}` as its gateway writes it.
 */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import type { HttpResponse } from "../../http/response.js";
import { PactError, type PactErrorName } from "./errors.js";

/** A longer body is some service's own error, not the market's. */
const BODY_LIMIT = 2_048;

/** Codes in lower case, spaces as `_`; what each is, and what to do. */
const REFUSALS: readonly (readonly [code: string, name: PactErrorName, advice: string])[] = Object.freeze([
	["pact_auth_not_in_beta", "NotInBeta", "the beta key is missing, wrong or revoked: set a valid one"],
	["auth_failed", "BadSignature", "the signature did not verify against the agent's key: check key slot and clock"],
	["pact_auth_bad_sig", "BadSignature", "the signature did not verify against the agent's key: check the key slot"],
	[
		"pact_auth_missing",
		"AuthMissing",
		"a signed call needs every x-pact header; an unsigned one may not name a wallet",
	],
	["pact_auth_stale", "AuthStale", "the clock is more than 30 s off: set it by SNTP"],
	["pact_auth_replay", "AuthReplay", "the market has seen this nonce: the call may have been made"],
	["rate_limit", "RateLimited", "the key's cap is reached: call less often, or ask for a higher one"],
	["payment_required", "AgentUnfunded", "fund the agent's USDC account and approve the market's allowance"],
	["endpoint_not_found", "EndpointNotFound", "no such endpoint on this network: list the endpoints"],
	["endpoint_ambiguous", "EndpointAmbiguous", "the endpoint is on several networks: configure one"],
	["endpoint_paused", "EndpointPaused", "the endpoint is paused: try again later"],
	["not_implemented", "NotImplemented", "the market cannot serve this endpoint"],
	["no_handler_for_endpoint", "NotImplemented", "the market cannot serve this endpoint"],
	["balance_check_failed", "BalanceCheckFailed", "the market could not read the agent's balance: try again later"],
	["upstream_unreachable", "UpstreamUnreachable", "the market could not reach the service"],
	["upstream_timeout", "UpstreamTimeout", "the service did not answer the market in time"],
] as const);

export interface Refusal {
	readonly error: PactError;
	/** "" where the body names none. */
	readonly callId: string;
}

/** Reads the body of an error; `undefined` when it is not the market's own. Never throws. */
export async function readRefusal(response: HttpResponse): Promise<Refusal | undefined> {
	try {
		const [error, callId] = readJson(await response.text(BODY_LIMIT)).members("error", "callId");
		const [code, nestedId] = error?.isObject ? error.members("code", "call_id") : [error];
		const name = text(code).toLowerCase().replaceAll(" ", "_");
		const known = REFUSALS.find(([each]) => each === name);
		if (known === undefined) return undefined;
		const message = `the market answered ${response.status} ${known[0]}: ${known[2]}`;
		return { error: new PactError(known[1], message), callId: callIdOf(text(nestedId) || text(callId)) };
	} catch {
		return undefined;
	}
}

/** A call id as it may stand in an address; "" for anything else. */
export function callIdOf(id: string): string {
	return /^[A-Za-z0-9_-]{1,64}$/.test(id) ? id : "";
}

function text(value: JsonText | undefined): string {
	const leaf = value?.leaf;
	return typeof leaf === "string" ? leaf : "";
}
