/**
 * The gateway's pipeline for `/v1/<endpoint>/<path>`: the beta gate, the signature if there is one, the endpoint, the
 * agent's balance, the service, and what the answer is classified as.
 *
 * | step                | refusals                                                           | source (pactnetwork/pact-monitor fdf317d) |
 * |---------------------|--------------------------------------------------------------------|---|
 * | beta key            | 403 `pact_auth_not_in_beta`; 429 is the guide's                    | market-proxy/src/middleware/require-beta-key.ts |
 * | `x-pact-agent`      | 401, see `signature.ts`; a request without it goes on unsigned     | market-proxy/src/middleware/verify-signature.ts |
 * | endpoint            | 404 not found or ambiguous, 503 paused, 501, 503 in plain text     | market-proxy/src/routes/proxy.ts |
 * | `?pact_wallet=`     | 401 unless the request is signed                                   | market-proxy/src/routes/proxy.ts |
 * | balance, allowance  | 402, with what is there and what is needed, and a verdict of zero  | wrap/src/wrapFetch.ts |
 * | service             | 502 unreachable, also when it does not answer in time (504 in the guide); its own errors pass as they are | wrap/src/wrapFetch.ts |
 * | verdict             | 4xx costs nothing; a breach pays back premium and cover            | wrap/src/classifier.ts, wrap/src/economics.ts |
 */
import type { Request, Response } from "express";
import type { Calls, Outcome } from "./calls.js";
import { allowsGzip, type Endpoint, type UpstreamAnswer } from "./endpoints.js";
import { type RefusalName, refusalBody, refusals } from "./refusals.js";
import type { SignatureCheck } from "./signature.js";
import type { PactVariant } from "./variant.js";

export interface Gateway {
	readonly variant: PactVariant;
	readonly endpoints: readonly Endpoint[];
	readonly calls: Calls;
	readonly signatures: SignatureCheck;
	/** The number of calls that each beta key has left. */
	readonly keys: Map<string, number>;
}

/** Ends the request with a refusal. */
class Refused extends Error {
	readonly refusal: RefusalName;
	readonly words: string | undefined;
	readonly more: Readonly<Record<string, unknown>>;

	constructor(refusal: RefusalName, words?: string, more: Readonly<Record<string, unknown>> = {}) {
		super(words ?? refusal);
		this.refusal = refusal;
		this.words = words;
		this.more = more;
	}
}

export async function proxy(gateway: Gateway, request: Request, response: Response): Promise<void> {
	const callId = gateway.calls.nextId();
	try {
		await forward(gateway, callId, request, response);
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		const { refusal, words, more } = error;
		const body = refusalBody(refusal, gateway.variant.errors, callId, words, more);
		response.status(refusals[refusal].status).json(body);
	}
}

async function forward(gateway: Gateway, callId: string, request: Request, response: Response): Promise<void> {
	const { calls, signatures, variant } = gateway;
	admit(gateway, request);
	const network = request.header("x-pact-network");
	const slug = request.path.split("/")[2] ?? "";
	const candidates = gateway.endpoints.filter((each) => each.slug === slug);
	const endpoint = candidates.find((each) => each.network === network);

	let agent: string | undefined;
	if (request.header("x-pact-agent") !== undefined) {
		const expected = network ?? (candidates.length === 1 ? candidates[0]!.network : undefined);
		const verdict = await signatures.check(request, variant.signatures, expected);
		if ("refused" in verdict) throw new Refused(verdict.refused, verdict.message);
		agent = verdict.agent;
	}
	const chosen = choose(slug, network, candidates, endpoint);
	if (chosen.unserved) {
		response.status(503).type("text/plain").send(`Network "${chosen.network}" not enabled on this proxy`);
		return;
	}
	if (agent === undefined && request.query.pact_wallet !== undefined)
		throw new Refused("auth_missing", "?pact_wallet= is gated: send an authenticated x-pact-agent header instead");

	const path = request.originalUrl.slice(`/v1/${slug}`.length) || "/";
	const asked = { method: request.method, path, body: bodyOf(request) };
	const isInsurable = chosen.insures?.(asked) ?? true;
	const insured = isInsurable && (agent !== undefined || variant.unsigned === "insured");
	if (insured && agent !== undefined) requireFunds(gateway, callId, agent, chosen, response);
	const answer = chosen.upstream(asked);
	if (insured) {
		const outcome = classify(answer, chosen, variant);
		const latencyMs = typeof answer === "string" ? chosen.slaMs : answer.latencyMs;
		// A service's own classifier pays back the cover alone (market-proxy, lib/classifiers.ts).
		const isOwn = outcome === "server_error" && typeof answer !== "string" && answer.status < 500;
		const call = calls.record(callId, agent, chosen, outcome, latencyMs, isOwn);
		annotate(response, variant, call);
	}
	if (answer === "timeout" && variant.headers === "guide")
		throw new Refused("upstream_timeout", "Read timeout from upstream.");
	if (typeof answer === "string") throw new Refused("upstream_unreachable", undefined, { callId });
	relay(request, response, answer);
}

const bodyOf = (request: Request): Buffer => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));

function admit({ keys }: Gateway, request: Request): void {
	const key = /^Bearer (\S+)$/.exec(request.header("authorization") ?? "")?.[1] ?? "";
	const left = keys.get(key);
	if (left === undefined) throw new Refused("not_in_beta");
	if (left === 0) throw new Refused("rate_limit", "Per-key cap exceeded.");
	keys.set(key, left - 1);
}

function choose(
	slug: string,
	network: string | undefined,
	candidates: readonly Endpoint[],
	exact?: Endpoint,
): Endpoint {
	const available = candidates.map((each) => each.network).join(", ");
	if (candidates.length === 0) throw new Refused("unknown_slug");
	if (network !== undefined && !exact) {
		const where = `"${slug}" not found on network "${network}". Available networks: ${available}`;
		throw new Refused("endpoint_not_found", `endpoint ${where}`);
	}
	if (!exact && candidates.length > 1)
		throw new Refused("endpoint_ambiguous", `Set X-Pact-Network header to disambiguate: ${available}`);
	const endpoint = exact ?? candidates[0]!;
	if (endpoint.paused) throw new Refused("endpoint_paused");
	if (endpoint.unimplemented) throw new Refused("not_implemented");
	return endpoint;
}

function requireFunds(
	{ calls, variant }: Gateway,
	callId: string,
	agent: string,
	{ premium, slug }: Endpoint,
	response: Response,
): void {
	const reason = calls.cannotPay(agent, premium);
	if (reason === undefined) return;
	if (variant.headers === "gateway") {
		response.set({
			"X-Pact-Call-Id": callId,
			"X-Pact-Outcome": "client_error",
			"X-Pact-Premium": "0",
			"X-Pact-Refund": "0",
			"X-Pact-Latency-Ms": "0",
			"X-Pact-Pool": slug,
		});
	}
	const { balance, allowance } = calls.agents.get(agent) ?? { balance: undefined, allowance: undefined };
	const amounts = { ataBalance: balance?.toString(), allowance: allowance?.toString() };
	throw new Refused("payment_required", undefined, { reason, callId, ...amounts, requiredLamports: String(premium) });
}

/** The guide knows no breach of latency: there a slow answer is a success. */
function classify(answer: UpstreamAnswer | string, { slaMs, classifies }: Endpoint, { headers }: PactVariant): Outcome {
	if (typeof answer === "string") return headers === "guide" ? "server_error" : "network_error";
	if (answer.status >= 500) return "server_error";
	if (answer.status >= 400) return "client_error";
	if (answer.status >= 300) return "ok";
	if (headers === "gateway" && answer.latencyMs > slaMs) return "latency_breach";
	return classifies?.(answer) ?? "ok";
}

function annotate(response: Response, variant: PactVariant, call: ReturnType<Calls["record"]>): void {
	response.set("X-Pact-Call-Id", call.id);
	if (variant.headers === "guide") {
		response.set("X-Pact-Classification", call.outcome === "ok" ? "success" : call.outcome);
		response.set("X-Pact-Premium-Microusd", String(call.premium));
		return;
	}
	response.set({
		"X-Pact-Outcome": call.outcome,
		"X-Pact-Premium": String(call.premium),
		"X-Pact-Refund": String(call.refund),
		"X-Pact-Latency-Ms": String(call.latencyMs),
		"X-Pact-Pool": call.endpoint.slug,
		"X-Pact-Settlement-Pending": "1",
	});
}

/** Passes the answer on as it is, but for a Content-Encoding that no longer holds if the client allowed one. */
function relay(request: Request, response: Response, { status, headers, body }: UpstreamAnswer): void {
	response.status(status).set(headers);
	if (allowsGzip(request.header("accept-encoding"))) response.set("content-encoding", "gzip");
	response.end(body);
}
