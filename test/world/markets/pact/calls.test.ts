/** The local Pact Network Market passes calls on, takes premiums and pays refunds; each fault can be put into an answer. */
import { request as httpRequest } from "node:http";
import test from "ava";
import { fromBase58 } from "../../../../tools/world/markets/pact/base58.js";
import { allowsGzip } from "../../../../tools/world/markets/pact/endpoints.js";
import { call, inWords, newMarket, pactHeaders, path, uncompressed, vector } from "./by_hand.js";

const outcomes = [
	["/v1/dummy/quote/AAPL", 200, "success", "ok", "1000", "0"],
	["/v1/dummy/nothing", 404, "client_error", "client_error", "0", "0"],
	["/v1/dummy/status/429", 429, "client_error", "client_error", "0", "0"],
	["/v1/dummy/status/500", 500, "server_error", "server_error", "1000", "11000"],
	["/v1/dummy/status/503", 503, "server_error", "server_error", "1000", "11000"],
	["/v1/dummy/slow", 200, "success", "latency_breach", "1000", "11000"],
	["/v1/dummy/unreachable", 502, "server_error", "network_error", "1000", "11000"],
	["/v1/dummy/timeout", 504, "server_error", "network_error", "1000", "11000"],
] as const;

for (const [path, status, classification, outcome, premium, refund] of outcomes)
	test(`an insured call to ${path} is classified ${classification} in the guide's headers and ${outcome} in the gateway's`, async (t) => {
		const { market, agent, insured } = await newMarket(t);
		const guide = await insured(path);
		t.is(guide.status, status);
		t.deepEqual(pactHeaders(guide), {
			"x-pact-call-id": market.calls()[0]!.id,
			"x-pact-classification": classification,
			"x-pact-premium-microusd": premium,
		});
		market.variant.headers = "gateway";
		const gateway = await insured(path);
		t.is(gateway.status, status === 504 ? 502 : status, "the gateway tells no time-out apart");
		const latencyMs = String(market.calls()[1]!.latencyMs);
		t.deepEqual(pactHeaders(gateway), {
			"x-pact-call-id": market.calls()[1]!.id,
			"x-pact-outcome": outcome,
			"x-pact-premium": premium,
			"x-pact-refund": refund,
			"x-pact-latency-ms": latencyMs,
			"x-pact-pool": "dummy",
			"x-pact-settlement-pending": "1",
		});
		t.is(market.funds(agent)!.balance, 100_000n - 2n * BigInt(premium));
	});

test("path, query, body and headers reach the service, and its answer comes back, unchanged", async (t) => {
	const { insured, unsigned, signedHeaders, market } = await newMarket(t);
	for (const get of [insured, unsigned]) {
		const failed = await get("/v1/dummy/status/500?a=b");
		t.deepEqual(failed.body, { error: "the service says 500" });
		t.is(failed.headers.get("x-upstream"), "quotes");
	}
	const url = "/v1/dummy/echo/a%20b?c=%3D";
	const echoed = await call(market.gateway.url + url, "POST", signedHeaders("POST", url, "é"), "é");
	t.deepEqual(echoed.body, { method: "POST", path: "/echo/a%20b?c=%3D", body: "é" });
});

test("a service that is unreachable or too slow has a named error in both dialects", async (t) => {
	const { insured, market } = await newMarket(t);
	const unreachable = await insured("/v1/dummy/unreachable");
	const id = unreachable.headers.get("x-pact-call-id");
	t.like(unreachable.body, { error: { code: "UPSTREAM_UNREACHABLE", call_id: id } });
	t.is(inWords(await insured("/v1/dummy/timeout")), "504 UPSTREAM_TIMEOUT");
	market.variant.errors = "gateway";
	t.is(inWords(await insured("/v1/dummy/unreachable")), "502 upstream_unreachable");
	t.is(inWords(await insured("/v1/dummy/timeout")), "504 UPSTREAM_TIMEOUT");
});

test("an unsigned call is uninsured, or insured where the key pays", async (t) => {
	const { unsigned, market } = await newMarket(t);
	const plain = await unsigned("/v1/dummy/status/500");
	t.is(plain.status, 500);
	t.deepEqual(pactHeaders(plain), {});
	t.is(market.calls().length, 0);
	market.variant.unsigned = "insured";
	const insured = await unsigned("/v1/dummy/status/500");
	t.is(insured.headers.get("x-pact-classification"), "server_error");
	market.settle();
	const callId = insured.headers.get("x-pact-call-id");
	const { body } = await call(`${market.gateway.url}/v1/calls/${callId}`, "GET");
	t.like(body, { callId, agentPubkey: null, refundLamports: "11000", breach: true });
});

test("a refund is found once it is indexed, and has its transaction once it is settled", async (t) => {
	const { market, agent, insured } = await newMarket(t);
	const id = (await insured("/v1/dummy/status/503")).headers.get("x-pact-call-id");
	const fine = (await insured("/v1/dummy/quote/A")).headers.get("x-pact-call-id");
	const indexed = (query: string, of = id) => call(`${market.indexer.url}/api/calls/${of}${query}`, "GET");
	const mainnet = "?network=solana-mainnet";
	t.is((await indexed(mainnet)).status, 404);
	t.is((await call(`${market.gateway.url}/v1/calls/${id}`, "GET")).status, 404);
	market.settle({ unsigned: true });
	t.like((await indexed(mainnet)).body, { breach: true, refundLamports: "11000", signature: null });
	market.settle();
	const { body } = await indexed(mainnet);
	t.like(body, {
		callId: id,
		agentPubkey: agent,
		endpointSlug: "dummy",
		premiumLamports: "1000",
		refundLamports: "11000",
		latencyMs: 40,
		breach: true,
		breachReason: "server_error",
	});
	t.is(fromBase58(String(body.signature))?.length, 64);
	for (const time of [body.ts, body.settledAt]) t.is(time, "2027-01-15T08:00:00.000Z");
	t.deepEqual((await call(`${market.gateway.url}/v1/calls/${id}`, "GET")).body, body);
	t.is((await indexed("")).status, 404, "devnet, if no network is given");
	t.is((await indexed("?network=solana-devnet")).status, 404);
	t.is((await indexed(mainnet, "no-such-call")).status, 404);
	t.like((await indexed(mainnet, fine)).body, { breach: false, breachReason: null, refundLamports: "0" });
	t.is(market.funds(agent)!.balance, 100_000n - 2_000n + 11_000n);
	market.settle();
	t.is(market.funds(agent)!.balance, 109_000n, "once");
});

test("an endpoint that is missing, ambiguous, paused or not implemented has a named error in both dialects", async (t) => {
	const { market, insured, unsigned, signedHeaders } = await newMarket(t);
	for (const [path, guide, gateway] of [
		["/v1/nothing/x", "404 ENDPOINT_NOT_FOUND", "404 endpoint not found"],
		["/v1/helius/quote/A", "404 ENDPOINT_AMBIGUOUS", "404 endpoint_ambiguous"],
		["/v1/paused/x", "503 ENDPOINT_PAUSED", "503 endpoint paused"],
		["/v1/unwritten/x", "501 NOT_IMPLEMENTED", "501 no handler for endpoint"],
	] as const)
		for (const get of [insured, unsigned]) {
			market.variant.errors = "guide";
			t.is(inWords(await get(path)), guide);
			market.variant.errors = "gateway";
			t.is(inWords(await get(path)), gateway);
		}
	t.is((await unsigned("/v1/helius/", { "x-pact-network": "solana-mainnet" })).status, 200);
	t.is(inWords(await insured("/v1/helius/", { network: "solana-testnet" })), "404 endpoint_not_found");
	t.is(inWords(await unsigned("/v1/dummy/quote/A?pact_wallet=x")), "401 pact_auth_missing");
	const { "x-pact-network": _, ...headers } = signedHeaders("GET", "/v1/unserved/quote/A");
	const unserved = await fetch(`${market.gateway.url}/v1/unserved/quote/A`, { headers: headers as HeadersInit });
	t.is(unserved.status, 503);
	t.is(await unserved.text(), 'Network "solana-mainnet" not enabled on this proxy');
	t.is(market.calls().length, 0);
});

test("of Helius only the listed methods are insured, and an error inside a 200 is classified by its code", async (t) => {
	const { market, signedHeaders } = await newMarket(t);
	market.variant.headers = "gateway";
	const path = "/v1/helius/";
	const rpc = (method: string) => {
		const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method });
		return call(
			market.gateway.url + path,
			"POST",
			signedHeaders("POST", path, body, { network: "solana-devnet" }),
			body,
		);
	};
	const fine = await rpc("getBalance");
	t.like(pactHeaders(fine), { "x-pact-outcome": "ok", "x-pact-premium": "500", "x-pact-refund": "0" });
	t.like(market.calls()[0], { premium: 500n, endpoint: { network: "solana-devnet" } });
	const failed = await rpc("sendTransaction");
	t.is(failed.status, 200);
	t.like(pactHeaders(failed), { "x-pact-outcome": "server_error", "x-pact-premium": "500", "x-pact-refund": "5000" });
	const mistaken = await rpc("getTransaction");
	t.like(pactHeaders(mistaken), { "x-pact-outcome": "client_error", "x-pact-premium": "0", "x-pact-refund": "0" });
	t.deepEqual(pactHeaders(await rpc("getSlot")), {}, "passed on uninsured");
});

test("an agent with too little money or allowance is answered 402, with both amounts", async (t) => {
	const { market, agent, insured } = await newMarket(t);
	market.variant.errors = "gateway";
	const amounts = { requiredLamports: "1000" };
	for (const [funds, reason, ataBalance, allowance] of [
		[{ balance: 999n, allowance: 5_000n }, "insufficient_balance", "999", "5000"],
		[{ balance: 5_000n, allowance: 999n }, "insufficient_allowance", "5000", "999"],
	] as const) {
		market.fund(agent, funds);
		const answer = await insured(path);
		t.is(answer.status, 402);
		t.like(answer.body, { error: "payment_required", reason, ataBalance, allowance, ...amounts });
		t.is(typeof answer.body.callId, "string");
	}
	market.variant.headers = "gateway";
	const judged = await insured(path);
	t.like(pactHeaders(judged), { "x-pact-outcome": "client_error", "x-pact-premium": "0", "x-pact-refund": "0" });
	t.is(judged.headers.get("x-pact-call-id"), String(judged.body.callId));
	market.variant.errors = "guide";
	const nested = await insured(path);
	t.like(nested.body, { error: { code: "PAYMENT_REQUIRED", reason: "insufficient_allowance" } });
	t.is(market.calls().length, 0);
	market.fund(agent, { balance: 1_000n, allowance: 1_000n });
	t.is((await insured(path)).status, 200);
	t.is((await insured(path)).status, 402);
});

test("agents and endpoints are listed without a key", async (t) => {
	const { market, agent } = await newMarket(t);
	const get = async (path: string) => (await call(market.gateway.url + path, "GET")).body;
	t.like(await get(`/v1/agents/${agent}`), { eligible: true, allowance_lamports: "50000" });
	t.like(await get(`/v1/agents/${vector.agent}`), { eligible: false, reason: "no_ata", allowance_lamports: "0" });
	const { cacheTtlSec, endpoints } = await get("/.well-known/endpoints");
	t.is(cacheTtlSec, 3600);
	t.deepEqual((endpoints as unknown[])[0], {
		slug: "dummy",
		network: "solana-mainnet",
		hostnames: ["dummy.pactnetwork.io"],
		premiumBps: 0,
		paused: false,
	});
	t.is((await call(`${market.gateway.url}/v1/calls/no-such-call`, "GET")).status, 400);
});

test("the indexer lists premiums by network, by devnet if none is given, and answers 400 for an unknown one", async (t) => {
	const { market } = await newMarket(t);
	const get = (path: string) => call(market.indexer.url + path, "GET");
	const mainnet = await get("/api/endpoints/helius?network=solana-mainnet");
	t.like(mainnet.body, {
		flatPremiumLamports: "1000",
		imputedCostLamports: "5000",
		slaLatencyMs: 1_500,
		paused: false,
	});
	t.like((await get("/api/endpoints/helius")).body, { network: "solana-devnet", flatPremiumLamports: "500" });
	t.is((await get("/api/endpoints/dummy")).status, 404);
	const all = (await get("/api/endpoints")).body as unknown as object[];
	t.is(all.length, market.endpoints.length);
	t.is(((await get("/api/endpoints?network=base-sepolia")).body as unknown as object[]).length, 1);
	for (const path of ["/api/endpoints", "/api/endpoints/dummy", "/api/calls/x"]) {
		const { status, body } = await get(`${path}?network=solana`);
		t.is(status, 400);
		t.like(body, { error: "Bad Request", statusCode: 400 });
	}
});

test("a client that allows compression gets a false Content-Encoding", async (t) => {
	const { market, key } = await newMarket(t);
	const encoding = (acceptEncoding?: string): Promise<string | undefined> =>
		new Promise((resolve, reject) => {
			const headers: Record<string, string> = { authorization: `Bearer ${key}` };
			if (acceptEncoding !== undefined) headers["accept-encoding"] = acceptEncoding;
			const sent = httpRequest(`${market.gateway.url}/v1/dummy/quote/A`, { headers }, (response) => {
				response.on("data", (chunk: Buffer) => JSON.parse(chunk.toString()));
				response.on("end", () => resolve(response.headers["content-encoding"]));
			});
			sent.on("error", reject).end();
		});
	t.is(await encoding(uncompressed), undefined);
	t.is(await encoding("identity"), undefined);
	t.is(await encoding(), "gzip");
	t.is(await encoding("gzip, deflate"), "gzip");
	t.false(allowsGzip("gzip;q=0, *;q=1"));
	t.true(allowsGzip("identity;q=0.5, *"));
});

test("a scripted answer takes the place of the true one, before the call or after it", async (t) => {
	const { market, insured } = await newMarket(t);
	const path = "/v1/dummy/quote/A";
	const { script } = market.gateway;
	script.next(path, market.refusal("balance_check_failed"));
	t.is(inWords(await insured(path)), "503 BALANCE_CHECK_FAILED");
	market.variant.errors = "gateway";
	script.next(path, market.refusal("balance_check_failed"));
	t.is(inWords(await insured(path)), "503 balance_check_failed");
	script.next(path, market.refusal("rate_limit", { "retry-after": "3" }));
	const limited = await insured(path);
	t.is(inWords(limited), "429 RATE_LIMIT");
	t.is(limited.headers.get("retry-after"), "3");
	t.is(market.calls().length, 0);
	script.next(path, { name: "wire", at: "body", does: "reset" });
	await t.throwsAsync(insured(path));
	t.is(market.calls().length, 1, "billed, and not heard of");
	script.next(path, { name: "header", header: "x-pact-call-id", value: undefined });
	t.is((await insured(path)).headers.get("x-pact-call-id"), null);
	market.indexer.script.next("/api/calls/x", { name: "answer", status: 500, body: "oops" });
	t.is((await fetch(`${market.indexer.url}/api/calls/x`)).status, 500);
	t.like(market.gateway.requests.at(-1), { method: "GET", path, status: 200 });
});
