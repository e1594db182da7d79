/** The local Pact Network Market, called by hand: signatures, premiums, refunds, and each refusal in both dialects. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { request as httpRequest } from "node:http";
import test from "ava";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { fromBase58, toBase58 } from "../../tools/world/markets/pact/base58.js";
import { allowsGzip } from "../../tools/world/markets/pact/endpoints.js";
import { startPact } from "../../tools/world/markets/pact/market.js";
import { bodyHash, signedText } from "../../tools/world/markets/pact/signature.js";

/** RFC 8032's first test key, and what it signs at 1700000000000 for `POST /v1/dummy/quote/AAPL?x=1`. */
const vector = {
	seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	agent: "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z",
	path: "/v1/dummy/quote/AAPL?x=1",
	timestamp: 1_700_000_000_000,
	nonce: "8DfbjXLth7APvt3qQPgtf",
	body: '{"limit":10}',
	bodyHash: "ca502dec04523cdc33afece69a9b600d5b9bd022d453791cc693b6b372f808ad",
	v1: "2Weu1qWbvB3iWAm4HaDvQYcEui9cLij6e5mfdA8RyMjKVLbLkGbZHAnJVkvue5UqvLmfXb3CYfhV887qvQs9iRQG",
	v2: "45oMHm81GqB65SnNyg5tuvZFzCvFJkGC6r4jJL9XxvaCT1Hue8wjNddVhs5Mqtx9PL2n2aFTrX1WZxp3d4JdCYnb",
};

interface Answer {
	readonly status: number;
	readonly body: Readonly<Record<string, unknown>>;
	readonly headers: Headers;
}

type HeaderFields = Readonly<Record<string, string | undefined>>;

const uncompressed = "identity;q=1, *;q=0";

async function call(url: string, method: string, headers: HeaderFields = {}, body?: string): Promise<Answer> {
	const given = Object.entries({ "accept-encoding": uncompressed, ...headers });
	const fields = given.filter((field): field is [string, string] => field[1] !== undefined);
	const init: RequestInit = { method, headers: Object.fromEntries(fields) };
	if (body !== undefined) init.body = body;
	const response = await fetch(url, init);
	const text = await response.text();
	return { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers };
}

const errorOf = ({ body }: Answer): unknown =>
	typeof body.error === "object" ? (body.error as { code: string }).code : body.error;
const inWords = (answer: Answer): string => `${answer.status} ${errorOf(answer) ?? ""}`.trim();
const pactHeaders = ({ headers }: Answer) =>
	Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-pact-")));

interface Signing {
	readonly version?: "v1" | "v2";
	readonly network?: string;
	/** Milliseconds from the market's time. */
	readonly offset?: number;
	readonly nonce?: string;
	/** Headers replaced, or left out, after signing. */
	readonly over?: HeaderFields;
}

/** A market with a beta key, and a funded agent that signs. */
async function newMarket(t: { teardown(end: () => unknown): void }) {
	const market = await startPact();
	t.teardown(market.stop);
	market.clock.stopAt(1_800_000_000_000);
	const key = market.newKey();
	const { privateKey, publicKey } = generateKeyPairSync("ed25519");
	const agent = agentOf(publicKey);
	market.fund(agent, { balance: 100_000n, allowance: 50_000n });
	let nonces = 0;
	const signedHeaders = (method: string, path: string, body = "", signing: Signing = {}): HeaderFields => {
		const { version = "v2", network, over } = signing;
		const timestamp = String(market.clock.now() + (signing.offset ?? 0));
		const nonce = signing.nonce ?? `nonce-${++nonces}`;
		const signed = { method, path, network: network ?? "", timestamp, nonce, bodyHash: bodyHash(Buffer.from(body)) };
		return {
			authorization: `Bearer ${key}`,
			"x-pact-agent": agent,
			"x-pact-timestamp": timestamp,
			"x-pact-nonce": nonce,
			"x-pact-signature": toBase58(sign(null, Buffer.from(signedText(version, signed)), privateKey)),
			"x-pact-project": "a test",
			"x-pact-network": network,
			...over,
		};
	};
	const insured = (path: string, signing?: Signing): Promise<Answer> =>
		call(market.gateway.url + path, "GET", signedHeaders("GET", path, "", signing));
	const unsigned = (path: string, headers: HeaderFields = {}): Promise<Answer> =>
		call(market.gateway.url + path, "GET", { authorization: `Bearer ${key}`, ...headers });
	return { market, key, agent, signedHeaders, insured, unsigned };
}

const agentOf = (key: KeyObject): string =>
	toBase58(Buffer.from(key.export({ format: "jwk" }).x as string, "base64url"));

test("the vectors: key, nonce, hash, text and signatures, and the gateway takes both", async (t) => {
	const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(vector.seed, "hex")]);
	const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
	t.is(agentOf(createPublicKey(key)), vector.agent);
	t.is(fromBase58(vector.nonce)?.toString("hex"), "0102030405060708090a0b0c0d0e0f10");
	t.is(bodyHash(Buffer.from(vector.body)), vector.bodyHash);

	for (const version of ["v1", "v2"] as const) {
		const { path, nonce } = vector;
		const timestamp = String(vector.timestamp);
		const signed = { method: "POST", path, network: "", timestamp, nonce, bodyHash: vector.bodyHash };
		t.is(toBase58(sign(null, Buffer.from(signedText(version, signed)), key)), vector[version]);

		const market = await startPact();
		t.teardown(market.stop);
		market.fund(vector.agent, { balance: 1_000n, allowance: 1_000n });
		market.clock.stopAt(vector.timestamp);
		const headers = {
			authorization: `Bearer ${market.newKey()}`,
			"content-type": "application/json",
			"x-pact-agent": vector.agent,
			"x-pact-timestamp": timestamp,
			"x-pact-nonce": nonce,
			"x-pact-signature": vector[version],
			"x-pact-project": "micropayer",
		};
		const send = (body: string) => call(market.gateway.url + path, "POST", headers, body);
		t.is(inWords(await send(vector.body)), "200");
		t.is(market.calls()[0]?.agent, vector.agent);
		t.is(inWords(await send(vector.body)), "401 AUTH_FAILED", "the same again is a replay");
	}
});

test("the signed texts", (t) => {
	const of = (version: "v1" | "v2", method: string, path: string, network: string, rest: readonly string[]): string => {
		const [timestamp, nonce, hash] = rest as [string, string, string];
		return signedText(version, { method, path, network, timestamp, nonce, bodyHash: hash });
	};
	t.is(
		of("v1", "get", "/v1/helius/v0/balances", "", ["1730800000000", "abc123", "deadbeef"]),
		"v1\nGET\n/v1/helius/v0/balances\n1730800000000\nabc123\ndeadbeef",
	);
	t.is(
		of("v2", "POST", "/v1/helius/v0/x?y=1", "base-sepolia", ["1715990400000", "NONCE", "abcd"]),
		"v2\nPOST\n/v1/helius/v0/x?y=1\nbase-sepolia\n1715990400000\nNONCE\nabcd",
	);
	t.is(of("v2", "GET", "/v1/helius/x", "", ["1", "N", ""]), "v2\nGET\n/v1/helius/x\n\n1\nN\n");
});

test("base58", (t) => {
	// draft-msporny-base58-03 §5, and leading zeros.
	for (const [hex, text] of [
		[Buffer.from("Hello World!").toString("hex"), "2NEpo7TZRRrLZSi2U"],
		["0000287fb4cd", "11233QC4"],
		["", ""],
		["00", "1"],
	] as const) {
		t.is(toBase58(Buffer.from(hex, "hex")), text);
		t.is(fromBase58(text)?.toString("hex"), hex);
	}
	t.is(fromBase58("0OIl"), undefined);
});

test("the beta gate comes first", async (t) => {
	const { market, key, signedHeaders } = await newMarket(t);
	const path = "/v1/dummy/quote/AAPL";
	const get = (headers: HeaderFields) => call(market.gateway.url + path, "GET", headers);
	for (const authorization of [undefined, "Bearer pact_beta_0", `Basic ${key}`, key]) {
		const refused = await get({ ...signedHeaders("GET", path), authorization });
		t.is(refused.status, 403);
		t.deepEqual(refused.body, { error: "pact_auth_not_in_beta" });
	}
	market.variant.errors = "gateway";
	market.revoke(key);
	t.deepEqual((await get(signedHeaders("GET", path))).body, { error: "pact_auth_not_in_beta" });
	t.deepEqual(market.secrets(), [key]);
	t.is(market.calls().length, 0);
});

test("a key's cap", async (t) => {
	const { market, key, unsigned } = await newMarket(t);
	market.limit(key, 1);
	t.is((await unsigned("/v1/dummy/quote/A")).status, 200);
	for (const errors of ["guide", "gateway"] as const) {
		market.variant.errors = errors;
		const limited = await unsigned("/v1/dummy/quote/A");
		t.is(limited.status, 429);
		t.like(limited.body, { error: { code: "RATE_LIMIT", message: "Per-key cap exceeded." } });
		t.is(typeof (limited.body.error as { call_id: unknown }).call_id, "string");
	}
	market.limit(key, 1);
	t.is((await unsigned("/v1/dummy/quote/A")).status, 200);
});

const path = "/v1/dummy/quote/AAPL?x=1";
const wrongSignatures: readonly (readonly [why: string, gateway: string, signing: Signing])[] = [
	["no timestamp", "pact_auth_missing", { over: { "x-pact-timestamp": undefined } }],
	["no nonce", "pact_auth_missing", { over: { "x-pact-nonce": undefined } }],
	["no signature", "pact_auth_missing", { over: { "x-pact-signature": undefined } }],
	["no project", "pact_auth_missing", { over: { "x-pact-project": undefined } }],
	["an empty project", "pact_auth_missing", { over: { "x-pact-project": "" } }],
	["no number", "pact_auth_stale", { over: { "x-pact-timestamp": "2026-11-21T00:00:00Z" } }],
	["a millisecond too old", "pact_auth_stale", { offset: -30_001 }],
	["a millisecond too new", "pact_auth_stale", { offset: 30_001 }],
	["seconds", "pact_auth_stale", { over: { "x-pact-timestamp": "1763700000" } }],
	["another time", "pact_auth_bad_sig", { over: { "x-pact-timestamp": "1800000000001" } }],
	["another key", "pact_auth_bad_sig", { over: { "x-pact-agent": vector.agent } }],
	["a key too short", "pact_auth_bad_sig", { over: { "x-pact-agent": "abc" } }],
	["no base58", "pact_auth_bad_sig", { over: { "x-pact-signature": "0OIl" } }],
	["a signature too short", "pact_auth_bad_sig", { over: { "x-pact-signature": "abc" } }],
	["another's signature", "pact_auth_bad_sig", { over: { "x-pact-signature": vector.v2 } }],
	["a network not signed", "pact_auth_bad_sig", { over: { "x-pact-network": "solana-mainnet" } }],
	["a network signed and not sent", "pact_auth_bad_sig", { network: "solana-mainnet", over: { "x-pact-network": "" } }],
];

for (const [why, name, signing] of wrongSignatures)
	test(`401 in both dialects: ${why}`, async (t) => {
		const { market, insured } = await newMarket(t);
		const guide = await insured(path, signing);
		t.is(guide.status, 401);
		t.like(guide.body, { error: { code: "AUTH_FAILED" } });
		market.variant.errors = "gateway";
		const gateway = await insured(path, signing);
		t.is(gateway.status, 401);
		t.is(gateway.body.error, name);
		t.is(typeof gateway.body.message, "string");
		t.is(market.calls().length, 0, "a refusal costs nothing");
	});

test("method, path, query and body are signed", async (t) => {
	const { market, signedHeaders } = await newMarket(t);
	const send = (method: string, path: string, body: string | undefined, headers: HeaderFields) =>
		call(market.gateway.url + path, method, headers, body);
	const signed = () => signedHeaders("POST", path, "{}");
	t.is((await send("POST", path, "{}", signed())).status, 200);
	t.is(inWords(await send("PUT", path, "{}", signed())), "401 AUTH_FAILED");
	t.is(inWords(await send("POST", `${path}&y=2`, "{}", signed())), "401 AUTH_FAILED");
	t.is(inWords(await send("POST", path.replace("AAPL", "MSFT"), "{}", signed())), "401 AUTH_FAILED");
	t.is(inWords(await send("POST", path, "{ }", signed())), "401 AUTH_FAILED");
	t.is(inWords(await send("POST", path, undefined, signed())), "401 AUTH_FAILED");
	const newline = signedHeaders("POST", path, "", { over: { "x-pact-nonce": "x" } });
	t.is(inWords(await send("POST", path, undefined, newline)), "401 AUTH_FAILED");
});

test("± 30 seconds, and a nonce once a minute", async (t) => {
	const { market, insured } = await newMarket(t);
	market.variant.errors = "gateway";
	t.is((await insured(path, { offset: -30_000 })).status, 200);
	t.is((await insured(path, { offset: 30_000 })).status, 200);
	t.is((await insured(path, { nonce: "one" })).status, 200);
	t.is(inWords(await insured(path, { nonce: "one" })), "401 pact_auth_replay", "though signed anew");
	market.clock.advance(59.999);
	t.is(inWords(await insured(path, { nonce: "one" })), "401 pact_auth_replay");
	market.clock.advance(0.001);
	t.is((await insured(path, { nonce: "one" })).status, 200);
});

test("a nonce is used up by a bad signature, and not by a stale request", async (t) => {
	const { market, insured } = await newMarket(t);
	market.variant.errors = "gateway";
	const bad = { nonce: "one", over: { "x-pact-signature": vector.v2 } };
	t.is(inWords(await insured(path, bad)), "401 pact_auth_bad_sig");
	t.is(inWords(await insured(path, { nonce: "one" })), "401 pact_auth_replay");
	t.is(inWords(await insured(path, { nonce: "two", offset: -30_001 })), "401 pact_auth_stale");
	t.is((await insured(path, { nonce: "two" })).status, 200);
});

test("a gateway that knows only one of the texts", async (t) => {
	const { market, insured } = await newMarket(t);
	market.variant.errors = "gateway";
	for (const [known, other] of [
		["v1", "v2"],
		["v2", "v1"],
	] as const) {
		market.variant.signatures = [known];
		t.is((await insured(path, { version: known })).status, 200);
		t.is(inWords(await insured(path, { version: other })), "401 pact_auth_bad_sig");
	}
});

test("an address signs by EIP-191, in either case, for networks of its kind", async (t) => {
	const { market, key } = await newMarket(t);
	market.variant.errors = "gateway";
	const account = privateKeyToAccount(generatePrivateKey());
	market.fund(account.address, { balance: 10_000n, allowance: 10_000n });
	let nonces = 0;
	const headers = async (path: string, over: HeaderFields = {}): Promise<HeaderFields> => {
		const signed = { timestamp: String(market.clock.now()), nonce: `evm-${++nonces}` };
		const message = signedText("v2", { ...signed, method: "GET", path, network: "", bodyHash: "" });
		return {
			authorization: `Bearer ${key}`,
			"x-pact-agent": account.address,
			"x-pact-timestamp": signed.timestamp,
			"x-pact-nonce": signed.nonce,
			"x-pact-signature": await account.signMessage({ message }),
			"x-pact-project": "a test",
			...over,
		};
	};
	const get = (path: string, fields: HeaderFields) => call(market.gateway.url + path, "GET", fields);
	const first = await headers("/v1/base-data/quote/A");
	t.is((await get("/v1/base-data/quote/A", first)).status, 200);
	t.is(market.calls()[0]?.agent, account.address.toLowerCase());
	const lower = { ...first, "x-pact-agent": account.address.toLowerCase() };
	t.is(inWords(await get("/v1/base-data/quote/A", lower)), "401 pact_auth_replay", "the same agent in another case");
	t.is(inWords(await get("/v1/dummy/quote/A", await headers("/v1/dummy/quote/A"))), "401 pact_auth_bad_sig");
	const forged = await headers("/v1/base-data/quote/A", { "x-pact-signature": `0x${"11".repeat(65)}` });
	t.is(inWords(await get("/v1/base-data/quote/A", forged)), "401 pact_auth_bad_sig");
	t.like(market.funds(account.address), { balance: 9_000n });
});

test("an ed25519 key is refused for an EVM network", async (t) => {
	const { market, insured } = await newMarket(t);
	market.variant.errors = "gateway";
	t.is(inWords(await insured("/v1/base-data/quote/A")), "401 pact_auth_bad_sig");
});

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
	test(`insured: ${path} is ${classification} in the guide, ${outcome} in the gateway`, async (t) => {
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

test("the service's answer passes as it is: status, headers, body, path, query", async (t) => {
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

test("the gateway's own failures of the service, in both dialects", async (t) => {
	const { insured, market } = await newMarket(t);
	const unreachable = await insured("/v1/dummy/unreachable");
	const id = unreachable.headers.get("x-pact-call-id");
	t.like(unreachable.body, { error: { code: "UPSTREAM_UNREACHABLE", call_id: id } });
	t.is(inWords(await insured("/v1/dummy/timeout")), "504 UPSTREAM_TIMEOUT");
	market.variant.errors = "gateway";
	t.is(inWords(await insured("/v1/dummy/unreachable")), "502 upstream_unreachable");
	t.is(inWords(await insured("/v1/dummy/timeout")), "504 UPSTREAM_TIMEOUT");
});

test("unsigned: passed on uninsured; or, where the key pays, insured", async (t) => {
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

test("a refund: queued, indexed, then with its transaction", async (t) => {
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

test("endpoints: not found, ambiguous, paused, unwritten", async (t) => {
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

test("helius: only its insured methods are, and an error inside a 200 is classified by its code", async (t) => {
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

test("402: no account, too little, too little allowed", async (t) => {
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

test("agents and endpoints, open to all", async (t) => {
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

test("the indexer: premiums by network, devnet if none is given, 400 for one that it does not know", async (t) => {
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

test("a client that allows compression gets a Content-Encoding that is not true", async (t) => {
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

test("told to answer wrongly: refusals, after the work, twice, cut, not at all", async (t) => {
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
