/**
 * The gateway's own refusals, in two dialects. `guide` is that of its users' guide: one nested envelope for all
 * but the beta gate. `gateway` is the one its program speaks: flat (pactnetwork/pact-monitor fdf317d: market-proxy,
 * middleware/require-beta-key.ts, middleware/verify-signature.ts and routes/proxy.ts; packages/wrap/src/wrapFetch.ts). For a rate
 * limit and for a time-out only the nested one is known, and both dialects have it.
 */
export type Dialect = "guide" | "gateway";

export const refusals = {
	not_in_beta: { status: 403, guide: "pact_auth_not_in_beta", gateway: "pact_auth_not_in_beta" },
	auth_missing: { status: 401, guide: "AUTH_FAILED", gateway: "pact_auth_missing" },
	auth_stale: { status: 401, guide: "AUTH_FAILED", gateway: "pact_auth_stale" },
	auth_replay: { status: 401, guide: "AUTH_FAILED", gateway: "pact_auth_replay" },
	auth_bad_sig: { status: 401, guide: "AUTH_FAILED", gateway: "pact_auth_bad_sig" },
	payment_required: { status: 402, guide: "PAYMENT_REQUIRED", gateway: "payment_required" },
	endpoint_not_found: { status: 404, guide: "ENDPOINT_NOT_FOUND", gateway: "endpoint_not_found" },
	unknown_slug: { status: 404, guide: "ENDPOINT_NOT_FOUND", gateway: "endpoint not found" },
	endpoint_ambiguous: { status: 404, guide: "ENDPOINT_AMBIGUOUS", gateway: "endpoint_ambiguous" },
	rate_limit: { status: 429, guide: "RATE_LIMIT", gateway: undefined },
	not_implemented: { status: 501, guide: "NOT_IMPLEMENTED", gateway: "no handler for endpoint" },
	upstream_unreachable: { status: 502, guide: "UPSTREAM_UNREACHABLE", gateway: "upstream_unreachable" },
	balance_check_failed: { status: 503, guide: "BALANCE_CHECK_FAILED", gateway: "balance_check_failed" },
	endpoint_paused: { status: 503, guide: "ENDPOINT_PAUSED", gateway: "endpoint paused" },
	upstream_timeout: { status: 504, guide: "UPSTREAM_TIMEOUT", gateway: undefined },
} as const;

export type RefusalName = keyof typeof refusals;

/** The body of a refusal. `more` are the fields that only this one has. */
export function refusalBody(
	name: RefusalName,
	dialect: Dialect,
	callId: string,
	message?: string,
	more: Readonly<Record<string, unknown>> = {},
): object {
	const { guide, gateway } = refusals[name];
	if (name === "not_in_beta") return { error: guide };
	if (dialect === "guide" || gateway === undefined)
		return { error: { code: guide, message: message ?? name, call_id: callId, ...more } };
	return { error: gateway, ...(message !== undefined && { message }), ...more };
}
