/**
 * The gateway's pipeline for `/v1/<endpoint>/<path>`: the beta gate, the signature if there is one, the endpoint, the
 * agent's balance, the service, and what the answer is classified as.
 *
 * | step                | refusals                                                                              |
 * |---------------------|---------------------------------------------------------------------------------------|
 * | beta key            | 403 `pact_auth_not_in_beta`, 429                                                      |
 * | `x-pact-agent`      | 401, see `signature.ts`; a request without it goes on unsigned                        |
 * | endpoint            | 404 not found or ambiguous (set `x-pact-network`), 503 paused, 501                    |
 * | balance, allowance  | 402, with what is there and what is needed                                            |
 * | service             | 502 unreachable, 504 time-out; its own errors pass as they are                        |
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
	/** How many more calls each beta key has. */
	readonly keys: Map<string, number>;
}

/** Ends the request with a refusal. */
class Refused extends Error {
	readonly refusal: RefusalName;
	readonly more: Readonly<Record<string, unknown>>;

	constructor(refusal: RefusalName, message?: string, more: Readonly<Record<string, unknown>> = {}) {
		super(message ?? refusal);
		this.refusal = refusal;
		this.more = more;
	}
}

export async function proxy(gateway: Gateway, request: Request, response: Response): Promise<void> {
	const callId = gateway.calls.nextId();
	try {
		await forward(gateway, callId, request, response);
	} catch (error) {
		if (!(error instanceof Refused)) throw error;
		const { refusal, message, more } = error;
		const body = refusalBody(refusal, gateway.variant.errors, callId, message, more);
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
	const insured = agent !== undefined || variant.unsigned === "insured";
	if (agent !== undefined) requireFunds(calls, callId, agent, chosen);

	const path = request.originalUrl.slice(`/v1/${slug}`.length) || "/";
	const answer = chosen.upstream({ method: request.method, path, body: bodyOf(request) });
	if (insured) {
		const outcome = classify(answer, chosen, variant);
		const latencyMs = typeof answer === "string" ? chosen.slaMs : answer.latencyMs;
		annotate(response, variant, calls.record(callId, agent, chosen, outcome, latencyMs));
	}
	if (answer === "unreachable") throw new Refused("upstream_unreachable", "Market could not reach the upstream.");
	if (answer === "timeout") throw new Refused("upstream_timeout", "Read timeout from upstream.");
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
	if (candidates.length === 0) throw new Refused("endpoint_not_found", `no endpoint "${slug}"`);
	if (network !== undefined && !exact)
		throw new Refused("endpoint_not_found", `"${slug}" not found on "${network}". Available networks: ${available}`);
	if (!exact && candidates.length > 1)
		throw new Refused("endpoint_ambiguous", `Set X-Pact-Network header to disambiguate: ${available}`);
	const endpoint = exact ?? candidates[0]!;
	if (endpoint.paused) throw new Refused("endpoint_paused", "endpoint paused");
	if (endpoint.unimplemented) throw new Refused("not_implemented", "no handler for endpoint");
	return endpoint;
}

function requireFunds(calls: Calls, callId: string, agent: string, { premium }: Endpoint): void {
	const reason = calls.cannotPay(agent, premium);
	if (reason === undefined) return;
	const { balance, allowance } = calls.agents.get(agent) ?? { balance: 0n, allowance: 0n };
	const amounts = { ataBalance: String(balance), allowance: String(allowance), requiredLamports: String(premium) };
	throw new Refused("payment_required", reason, { reason, callId, ...amounts });
}

/** The guide knows no breach of latency: there a slow answer is a success. */
function classify(answer: UpstreamAnswer | string, { slaMs }: Endpoint, { headers }: PactVariant): Outcome {
	if (typeof answer === "string") return headers === "guide" ? "server_error" : "network_error";
	if (answer.status >= 500) return "server_error";
	if (answer.status >= 400) return "client_error";
	return headers === "gateway" && answer.latencyMs > slaMs ? "latency_breach" : "ok";
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
