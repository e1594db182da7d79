/** The local Pact Network Market checks keys and signatures, and refuses in both dialects. */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import test from "ava";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { fromBase58, toBase58 } from "../../../../tools/world/markets/pact/base58.js";
import { startPact } from "../../../../tools/world/markets/pact/market.js";
import { bodyHash, signedText } from "../../../../tools/world/markets/pact/signature.js";
import { agentOf, call, type HeaderFields, inWords, newMarket, path, type Signing, vector } from "./by_hand.js";

test("the vendor's vector is reproduced, and the gateway accepts its v1 and its v2 signature once", async (t) => {
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

test("v1 and v2 sign the texts that the vendor's code signs", (t) => {
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

test("base58 round-trips the vectors of its draft, leading zeros included, and refuses letters that it does not have", (t) => {
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

test("without a beta key the gateway answers 403 before it looks at anything else", async (t) => {
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

test("a beta key over its cap is answered 429 until the cap is raised", async (t) => {
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
	test(`${why}: the gateway answers 401 in both dialects and charges nothing`, async (t) => {
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

test("a signature for another method, path, query or body is refused", async (t) => {
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

test("a timestamp may be 30 seconds off, and a nonce may be used again after a minute", async (t) => {
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

test("a bad signature uses up its nonce, a stale request does not", async (t) => {
	const { market, insured } = await newMarket(t);
	market.variant.errors = "gateway";
	const bad = { nonce: "one", over: { "x-pact-signature": vector.v2 } };
	t.is(inWords(await insured(path, bad)), "401 pact_auth_bad_sig");
	t.is(inWords(await insured(path, { nonce: "one" })), "401 pact_auth_replay");
	t.is(inWords(await insured(path, { nonce: "two", offset: -30_001 })), "401 pact_auth_stale");
	t.is((await insured(path, { nonce: "two" })).status, 200);
});

test("a gateway that knows one version of the signed text refuses the other", async (t) => {
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

test("an EVM address signs by EIP-191 for EVM networks alone, and its case makes no other agent", async (t) => {
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
