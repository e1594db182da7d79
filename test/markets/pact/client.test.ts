/**
 * The device's client of Pact Network Market against the local market: each operation, each refusal in both spellings, and
 * a call interrupted at every single thing that the device does to the world.
 */
import test, { type ExecutionContext } from "ava";
import { createPortableSigner } from "../../../modules/signer/portable.js";
import { PACT_ASSET, PACT_NETWORK } from "../../../src/markets/pact/call.js";
import * as op from "../../../src/markets/pact/operations.js";
import { Pact } from "../../../src/markets/pact/pact.js";
import type { PactRequest } from "../../../src/markets/pact/request.js";
import type { PactOptions } from "../../../src/markets/pact/settings.js";
import { agentOf, type SignedCall, signatureHeaders, signedText } from "../../../src/markets/pact/signature.js";
import { startPact } from "../../../tools/world/markets/pact/market.js";
import { type Boot, type Cut, collect, integer, lifeOf, Rig } from "../market_device.js";

const NOTHING = createPortableSigner({ keys: new Map(), random: () => {} });

test("signed texts are the vendor's own, to the byte", (t) => {
	const signed = (fields: Partial<SignedCall>): SignedCall => ({
		method: "GET",
		path: "",
		network: "",
		timestamp: 1,
		nonce: "N",
		body: undefined,
		...fields,
	});
	t.is(signedText(NOTHING, "v2", signed({ path: "/v1/helius/x" })), "v2\nGET\n/v1/helius/x\n\n1\nN\n");
	const post = { method: "post", path: "/v1/helius/v0/x?y=1", timestamp: 1_715_990_400_000, nonce: "NONCE" };
	t.is(
		signedText(NOTHING, "v2", signed({ ...post, network: "base-sepolia" })),
		"v2\nPOST\n/v1/helius/v0/x?y=1\nbase-sepolia\n1715990400000\nNONCE\n",
	);
	const old = { path: "/v1/helius/v0/balances", timestamp: 1_730_800_000_000, nonce: "abc123" };
	const body = Buffer.from('{"limit":10}');
	t.is(
		signedText(NOTHING, "v1", signed({ ...old, body })),
		"v1\nGET\n/v1/helius/v0/balances\n1730800000000\nabc123\nca502dec04523cdc33afece69a9b600d5b9bd022d453791cc693b6b372f808ad",
	);
});

test("signatures are those of the vectors, to the byte", (t) => {
	const keys = createPortableSigner({ keys: new Map(), random: () => {} });
	const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
	keys.importKey(1, "ed25519", Buffer.from(seed, "hex"));
	t.is(agentOf(keys, 1), "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z");
	const signed: SignedCall = {
		method: "POST",
		path: "/v1/dummy/quote/AAPL?x=1",
		network: "",
		timestamp: 1_700_000_000_000,
		nonce: "8DfbjXLth7APvt3qQPgtf",
		body: Buffer.from('{"limit":10}'),
	};
	const signature = (version: "v1" | "v2") => signatureHeaders(keys, 1, version, "test", signed)[3]![1];
	t.is(signature("v1"), "2Weu1qWbvB3iWAm4HaDvQYcEui9cLij6e5mfdA8RyMjKVLbLkGbZHAnJVkvue5UqvLmfXb3CYfhV887qvQs9iRQG");
	t.is(signature("v2"), "45oMHm81GqB65SnNyg5tuvZFzCvFJkGC6r4jJL9XxvaCT1Hue8wjNddVhs5Mqtx9PL2n2aFTrX1WZxp3d4JdCYnb");
});

interface World {
	readonly market: Awaited<ReturnType<typeof startPact>>;
	readonly rig: Rig<Pact>;
	readonly key: string;
	readonly agent: string;
}

/** A market, and a device with a key and a funded agent. */
async function open(t: ExecutionContext, options: Partial<PactOptions> = {}): Promise<World> {
	const market = await startPact();
	t.teardown(market.stop);
	const key = market.newKey();
	return { market, key, ...newRig(market, key, options) };
}

function newRig(market: World["market"], key: string, options: Partial<PactOptions> = {}) {
	const rig = new Rig<Pact>({
		origin: market.gateway.url,
		rules: [
			{
				asset: { network: PACT_NETWORK, address: PACT_ASSET, name: "", version: "", symbol: "USDC", decimals: 6 },
				methods: ["account"],
				payTo: [],
			},
		],
		make: (means) =>
			new Pact(means, {
				betaKey: key,
				slot: 1,
				gateway: market.gateway.url,
				indexer: market.indexer.url,
				network: "solana-mainnet",
				...options,
			}),
	});
	const agent = agentOf(rig.keys, options.slot ?? 1);
	market.fund(agent, { balance: 1_000_000n, allowance: 500_000n });
	return { rig, agent };
}

const callTo = (path: string, fields: Partial<PactRequest> = {}): PactRequest => ({
	method: "GET",
	endpoint: "dummy",
	path,
	...fields,
});
const inWords = ({ state, outcome }: { state: string; outcome: string }): string => `${state} ${outcome}`;
const premiums = ({ market }: World): bigint => market.calls().reduce((sum, { premium }) => sum + premium, 0n);
const seen = ({ market }: World) => market.gateway.requests.filter(({ path }) => path.startsWith("/v1/dummy"));

for (const dialect of ["guide", "gateway"] as const) {
	test(`an insured call is signed, delivered and its premium counted (${dialect})`, async (t) => {
		const world = await open(t);
		world.market.variant.headers = dialect;
		const boot = world.rig.boot();
		t.is(inWords(await boot.buy("dummy/quote/AAPL?x=1")), "delivered paid");
		t.like(JSON.parse(boot.delivered[0]!), { symbol: "AAPL", price: "287.90", currency: "USD" });
		t.is(world.rig.spent(), 1_000n);
		t.is(premiums(world), 1_000n);
		t.is(world.market.calls()[0]?.agent, world.agent);
		t.is(world.rig.record()?.state, "delivered");
		t.is(seen(world)[0]?.headers["accept-encoding"], "identity;q=1, *;q=0");
		t.is(seen(world)[0]?.headers["x-pact-network"], "solana-mainnet");
		world.rig.isSilent(t, world.market.secrets());
	});

	test(`a failed POST is not repeated; its refund is followed until it is posted (${dialect})`, async (t) => {
		const world = await open(t);
		world.market.variant.headers = dialect;
		const { rig, market } = world;
		let waits = 0;
		rig.onWait = () => {
			waits++;
			if (waits === 2) market.settle({ unsigned: true });
			if (waits === 3) market.settle();
		};
		const boot = rig.boot();
		const outcome = await boot.buy("dummy/status/503", '{"limit":10}');
		t.is(inWords(outcome), "unknown refunded");
		t.regex(outcome.detail, /11000 refunded by [1-9A-HJ-NP-Za-km-z]+/);
		t.regex(outcome.transaction, /^[1-9A-HJ-NP-Za-km-z]{86,88}$/);
		t.is(market.calls().length, 1);
		t.is(rig.spent(), 1_000n, "a refund is the market's word: the premium stays counted");
		t.deepEqual(boot.waits, [1_000, 2_000, 4_000]);
		t.is(market.indexer.requests[0]?.url, `/api/calls/${market.calls()[0]?.id}?network=solana-mainnet`);
		t.false(market.gateway.requests.some((request) => request.path.startsWith("/v1/calls/")));
		t.true(rig.said.some((event) => event.includes('"event":"refund"') && event.includes('"posted":true')));
	});

	test(`a failed GET is not repeated either: it is a billed call (${dialect})`, async (t) => {
		const world = await open(t, { refundPolls: 1 });
		world.market.variant.headers = dialect;
		const boot = world.rig.boot();
		t.is(inWords(await boot.buy("dummy/status/500")), "unknown refund_pending");
		t.is(world.market.calls().length, 1);
		t.is(world.rig.spent(), premiums(world));
	});

	test(`4xx of a service is never repeated and costs what its header says (${dialect})`, async (t) => {
		const world = await open(t);
		world.market.variant.headers = dialect;
		const boot = world.rig.boot();
		t.is(inWords(await boot.buy("dummy/status/404")), "refused client_error");
		t.is(seen(world).length, 1);
		t.is(world.rig.spent(), 0n);
	});
}

test("a slow success is delivered, and refunded where the gateway says so", async (t) => {
	const world = await open(t);
	world.market.variant.headers = "gateway";
	world.rig.onWait = () => world.market.settle();
	const boot = world.rig.boot();
	const outcome = await boot.buy("dummy/slow");
	t.is(inWords(outcome), "delivered paid");
	t.regex(outcome.detail, /11000 refunded by/);
	t.is(boot.delivered.length, 1);
	t.is(world.rig.spent(), 1_000n);
});

for (const path of ["unreachable", "timeout"]) {
	for (const headers of ["guide", "gateway"] as const) {
		test(`a service that is ${path} is a breach (${headers})`, async (t) => {
			const world = await open(t);
			Object.assign(world.market.variant, { headers, errors: headers });
			world.rig.onWait = () => world.market.settle();
			const outcome = await world.rig.boot().buy(`dummy/${path}`, "{}");
			t.is(inWords(outcome), "unknown refunded");
			t.is(world.market.calls().length, 1);
			t.is(world.rig.spent(), 1_000n);
		});
	}
}

test("an uninsured call is not signed, and free where the market says nothing of a premium", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	const outcome = await boot.market.call(
		callTo("/quote/AAPL", { isInsured: false }),
		boot.payers.account,
		boot.deliver,
	);
	t.is(inWords(outcome), "delivered free");
	t.is(seen(world)[0]?.payment, undefined);
	t.is(world.market.calls().length, 0);
	t.is(world.rig.spent(), 0n);
});

test("an uninsured call costs what its header says", async (t) => {
	const world = await open(t);
	world.market.variant.unsigned = "insured";
	const boot = world.rig.boot();
	const outcome = await boot.market.call(callTo("/quote/A", { isInsured: false }), boot.payers.account, boot.deliver);
	t.is(inWords(outcome), "delivered paid");
	t.is(world.rig.spent(), 1_000n);
});

test("a signed call without a premium counts the cap", async (t) => {
	const world = await open(t);
	world.market.variant.headers = "gateway";
	world.market.gateway.script.next("/v1/dummy/quote/A", { name: "header", header: "X-Pact-Premium", value: undefined });
	t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "delivered paid");
	t.is(world.rig.spent(), 5_000n);
});

test("a premium above the cap is counted as it is", async (t) => {
	const world = await open(t);
	t.is(inWords(await world.rig.boot({ cap: 500 }).buy("dummy/quote/A")), "delivered paid");
	t.is(world.rig.spent(), 1_000n);
});

test("method, path, query and body arrive as they are", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	await boot.buy("PUT dummy/echo/a%20b?c=d&e", '{"limit":10}');
	t.deepEqual(JSON.parse(boot.delivered[0]!), { method: "PUT", path: "/echo/a%20b?c=d&e", body: '{"limit":10}' });
	t.is(seen(world)[0]?.headers["content-type"], "application/json");
});

test("a long answer is streamed", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	await boot.buy("dummy/big");
	t.is(boot.delivered[0]?.length, 65_536);
});

test("a market that takes only the older signature gets it at the next call, and from then on", async (t) => {
	const world = await open(t);
	Object.assign(world.market.variant, { signatures: ["v1"], errors: "gateway" });
	const boot = world.rig.boot();
	t.is(inWords(await boot.buy("dummy/quote/A")), "refused BadSignature");
	for (const period of [2, 3]) {
		const { account } = world.rig.boot({ period }).payers;
		t.is(inWords(await boot.market.call(callTo("/quote/B"), account, boot.deliver)), "delivered paid");
	}
	t.deepEqual(
		seen(world).map(({ status }) => status),
		[401, 200, 200],
	);
	t.is(new Set(seen(world).map(({ headers }) => headers["x-pact-nonce"])).size, 3);
});

for (const errors of ["guide", "gateway"] as const) {
	test(`a signature that does not verify is sent once, and its cap counts for life (${errors})`, async (t) => {
		const world = await open(t);
		Object.assign(world.market.variant, { signatures: [], errors });
		t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "refused BadSignature");
		t.is(seen(world).length, 1);
		t.is(world.rig.spent(), 0n);
		t.is(lifeOf(world.rig), 5_000n);
	});
}

test("a clock that is wrong is named, and the call is not made again", async (t) => {
	const world = await open(t);
	world.market.variant.errors = "gateway";
	world.rig.ahead = -31_000;
	const outcome = await world.rig.boot().buy("dummy/quote/A");
	t.is(inWords(outcome), "refused AuthStale");
	t.regex(outcome.detail, /SNTP/);
	t.is(seen(world).length, 1);
	t.is(world.rig.spent(), 0n);
});

test("a nonce that the market has seen is a call that it may have made: never asked again", async (t) => {
	const world = await open(t);
	world.market.variant.errors = "gateway";
	world.market.gateway.script.next("/v1/dummy/quote/A", world.market.refusal("auth_replay"));
	t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "unknown AuthReplay");
	t.is(seen(world).length, 1);
	t.is(world.rig.spent(), 5_000n);
});

test("a secp256k1 key signs as EIP-191 does, for an EVM network", async (t) => {
	const world = await open(t, { slot: 0, network: "base-sepolia" });
	const boot = world.rig.boot();
	t.is(inWords(await boot.buy("base-data/quote/A")), "delivered paid");
	t.is(world.market.calls()[0]?.agent, world.agent.toLowerCase());
});

const REFUSALS = [
	["not_in_beta", "NotInBeta"],
	["auth_missing", "AuthMissing"],
	["payment_required", "AgentUnfunded"],
	["endpoint_not_found", "EndpointNotFound"],
	["endpoint_ambiguous", "EndpointAmbiguous"],
	["not_implemented", "NotImplemented"],
	["endpoint_paused", "EndpointPaused"],
] as const;

for (const [name, expected] of REFUSALS) {
	for (const errors of ["guide", "gateway"] as const) {
		test(`the market's ${name} ends the call and costs nothing (${errors})`, async (t) => {
			const world = await open(t);
			world.market.variant.errors = errors;
			world.market.gateway.script.next("/v1/dummy/quote/A", world.market.refusal(name));
			// In the guide's spelling each failed authentication is AUTH_FAILED.
			const isUnnamed = errors === "guide" && name === "auth_missing";
			const outcome = await world.rig.boot().buy("dummy/quote/A");
			t.is(inWords(outcome), `refused ${isUnnamed ? "BadSignature" : expected}`);
			t.is(seen(world).length, 1);
			t.is(world.rig.spent(), 0n);
		});
	}
}

test("refusals that the market finds itself: key, funds, endpoints", async (t) => {
	const world = await open(t);
	const { market, rig, key, agent } = world;
	market.variant.errors = "gateway";
	let period = 0;
	const ends = async (offer: string, options: Partial<PactOptions> = {}) => {
		const boot = rig.boot({ period: ++period });
		if (Object.keys(options).length === 0) return inWords(await boot.buy(offer));
		const other = newRig(market, key, options);
		market.fund(other.agent, { balance: 1_000_000n, allowance: 1_000_000n });
		return inWords(await other.rig.boot().buy(offer));
	};
	t.is(await ends("nothing/x"), "refused EndpointNotFound");
	t.is(await ends("paused/x"), "refused EndpointPaused");
	t.is(await ends("unwritten/x"), "refused NotImplemented");
	t.is(await ends("helius/", { network: "" }), "refused EndpointAmbiguous");
	t.is(await ends("dummy/quote/A", { network: "solana-devnet" }), "refused EndpointNotFound");
	market.fund(agent, { balance: 10n, allowance: 500_000n });
	t.is(await ends("dummy/quote/A"), "refused AgentUnfunded");
	market.variant.headers = "gateway";
	t.is(await ends("dummy/quote/A"), "refused AgentUnfunded");
	market.revoke(key);
	t.is(await ends("dummy/quote/A"), "refused NotInBeta");
	t.is(rig.spent(), 0n);
	rig.isSilent(t, market.secrets());
});

test("429 and an unread balance end the call: whether it was made is the market's word alone", async (t) => {
	const world = await open(t);
	const { market, rig } = world;
	market.variant.errors = "gateway";
	const path = "/v1/dummy/quote/A";
	for (const [i, [step, name]] of (
		[
			[market.refusal("rate_limit", { "Retry-After": "7" }), "RateLimited"],
			[market.refusal("rate_limit"), "RateLimited"],
			[market.refusal("balance_check_failed"), "BalanceCheckFailed"],
		] as const
	).entries()) {
		market.gateway.script.next(path, step);
		const boot = rig.boot({ period: i + 1 });
		t.is(inWords(await boot.buy("dummy/quote/A")), `refused ${name}`);
		t.deepEqual(boot.waits, []);
		t.is(seen(world).length, i + 1);
	}
	t.is(rig.spent(), 0n);
});

test("502 and 504 of the market without headers: looked up by the call id of the body", async (t) => {
	for (const name of ["upstream_unreachable", "upstream_timeout"] as const) {
		const world = await open(t, { refundPolls: 2 });
		world.market.gateway.script.next("/v1/dummy/quote/A", world.market.refusal(name));
		t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "unknown refund_pending");
		t.is(seen(world).length, 1, "what it cost is not known");
		t.is(world.rig.spent(), 5_000n);
		t.is(world.market.indexer.requests.length, 2);
	}
});

test("a network that the gateway does not serve is refused in plain text, and nothing was called", async (t) => {
	const world = await open(t);
	t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("unserved/quote/A")), "refused http_503");
	t.is(world.market.gateway.requests.length, 1);
	t.is(world.rig.spent(), 0n);
	t.is(lifeOf(world.rig), 5_000n, "whether it was called is the market's word alone");
});

test("a stranger's 502 and a redirect are counted at the cap and not asked again", async (t) => {
	for (const status of [502, 302]) {
		const world = await open(t);
		world.market.gateway.script.next("/v1/dummy/quote/A", { name: "answer", status, headers: { Location: "/x" } });
		const outcome = await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A");
		t.is(inWords(outcome), status === 302 ? "unknown redirected" : "unknown http_502");
		t.is(seen(world).length, 1);
		t.is(world.rig.spent(), 5_000n);
	}
});

for (const at of ["request", "answer", "headers", "body"] as const) {
	test(`a connection that breaks (${at}): the call is never made again`, async (t) => {
		const world = await open(t);
		world.market.gateway.script.next("/v1/dummy/quote/A", { name: "wire", at, does: "reset" });
		const outcome = await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A");
		t.is(outcome.state, "unknown");
		t.is(seen(world).length, 1);
		t.true(world.rig.spent() >= premiums(world));
	});
}

test("a refusal with a premium is no refusal: what it cost is not given back", async (t) => {
	const world = await open(t);
	const headers = {
		"X-Pact-Classification": "client_error",
		"X-Pact-Premium-Microusd": "700",
		"X-Pact-Call-Id": "c-1",
	};
	world.market.gateway.script.next("/v1/dummy/quote/A", { name: "answer", status: 404, headers });
	t.is(inWords(await world.rig.boot().buy("dummy/quote/A")), "unknown client_error");
	t.is(world.rig.spent(), 700n);
});

test("a failure of which nothing is to be paid back is not followed", async (t) => {
	const world = await open(t);
	const headers = {
		"X-Pact-Outcome": "server_error",
		"X-Pact-Premium": "0",
		"X-Pact-Refund": "0",
		"X-Pact-Call-Id": "00000000-0000-4000-8000-000000000001",
	};
	const body = { error: "balance_check_failed", message: "no node", callId: "00000000-0000-4000-8000-000000000001" };
	world.market.gateway.script.next("/v1/dummy/quote/A", { name: "answer", status: 503, headers, body }, { times: 3 });
	t.is(inWords(await world.rig.boot().buy("dummy/quote/A")), "refused BalanceCheckFailed");
	t.is(world.market.indexer.requests.length, 0);
	t.is(world.rig.spent(), 0n);
});

test("a service's own 429 is a call that was made: it is not made again", async (t) => {
	const world = await open(t);
	for (const [i, input] of ["{}", ""].entries()) {
		const boot = world.rig.boot({ period: i + 1 });
		t.is(inWords(await boot.buy("dummy/status/429", input)), "refused client_error");
		t.is(seen(world).length, i + 1);
	}
});

test("an answer that comes twice is one answer", async (t) => {
	const world = await open(t);
	world.market.gateway.script.next("/v1/dummy/quote/A", { name: "twice" });
	t.is(inWords(await world.rig.boot().buy("dummy/quote/A")), "delivered paid");
	t.is(world.rig.spent(), 1_000n);
});

test("a market that is not there costs nothing", async (t) => {
	const world = await open(t);
	await world.market.stop();
	const boot = world.rig.boot();
	t.is(inWords(await boot.buy("dummy/quote/A")), "refused ConnectFailed");
	t.deepEqual(boot.waits, [500, 1_000]);
	t.is(world.rig.spent(), 0n);
});

test("nothing is asked where rule, plan, clock or key slot do not allow it", async (t) => {
	const world = await open(t);
	const { rig } = world;
	rig.rule = { maxPerPayment: "0" };
	t.is((await rig.error(rig.boot().buy("dummy/quote/A"))).name, "OverPaymentCap");
	rig.rule = { origin: "https://market.pactnetwork.io" };
	t.is((await rig.error(rig.boot().buy("dummy/quote/A"))).name, "NoRule");
	rig.rule = {};
	rig.ahead = undefined;
	t.is((await rig.error(rig.boot().buy("dummy/quote/A"))).name, "WallTimeUnset");
	rig.ahead = 0;
	for (const offer of ["", "../agents", "dummy/../../agents/x", "dummy/%2e%2e/other", "two words"]) {
		t.is((await rig.error(rig.boot().buy(offer))).name, "RequestMalformed", offer);
	}
	const { rig: keyless } = newRig(world.market, world.key, { slot: 1 });
	keyless.keys.erase(1, keyless.keys.publicKey(1));
	t.is((await keyless.error(keyless.boot().buy("dummy/quote/A"))).name, "KeyMissing");
	t.is(world.market.gateway.requests.length, 0);
	t.is(rig.record(), undefined);
});

test("an insured call needs a key slot; without one calls are uninsured", async (t) => {
	const market = await startPact();
	t.teardown(market.stop);
	const key = market.newKey();
	const { rig } = newRig(market, key);
	const bare = new Rig<Pact>({
		origin: rig.origin,
		rules: rig.rules(),
		make: (means) => new Pact(means, { betaKey: key, gateway: market.gateway.url, indexer: market.indexer.url }),
	});
	const boot = bare.boot();
	const insured = boot.market.call(callTo("/quote/A", { isInsured: true }), boot.payers.account, boot.deliver);
	t.is((await bare.error(insured)).name, "SlotUnset");
	await t.throwsAsync(() => op.agent(boot.market.client), { name: "SlotUnset" });
	t.is(inWords(await boot.buy("dummy/quote/A")), "delivered free");
	t.is(market.gateway.requests[0]?.headers["x-pact-network"], undefined);
});

test("endpoints are listed, found and quoted", async (t) => {
	const world = await open(t);
	const { market } = world.rig.boot();
	const all = await collect(op.endpoints(market.client));
	t.is(all.length, world.market.endpoints.length);
	t.deepEqual(all[0], {
		slug: "dummy",
		network: "solana-mainnet",
		hostnames: ["dummy.pactnetwork.io"],
		isPaused: false,
	});
	t.is((await endOf(op.endpoints(market.client))) as number, 3_600);
	t.deepEqual(
		(await collect(op.find(market.client, "JUP"))).map(({ id }) => id),
		[],
	);
	t.deepEqual(
		(await collect(op.find(market.client, "DUMMY"))).map(({ id, name, price }) => [id, name, price]),
		[["dummy", "dummy.pactnetwork.io on solana-mainnet", "0.001"]],
	);
	t.like(await op.quote(market.client, "dummy/quote/AAPL"), { id: "dummy/quote/AAPL", price: "0.001" });
	t.is((await world.rig.error(op.quote(market.client, "nothing"))).name, "EndpointNotFound");
	t.is((await world.rig.error(op.quote(market.client, "paused"))).name, "EndpointPaused");
});

test("an endpoint's terms are the indexer's: premium, cover, the latency that is insured", async (t) => {
	const { rig, market, key } = await open(t);
	const { client } = rig.boot().market;
	const terms = (await op.endpointTerms(client, "helius"))!;
	t.like(terms, { latencyMs: 1_500, isPaused: false });
	t.deepEqual(
		[terms.premium, terms.cover].map((amount) => integer(amount!)),
		[1_000n, 5_000n],
	);
	t.is(await op.endpointTerms(client, "nothing"), undefined);
	const devnet = newRig(market, key, { network: "solana-devnet" }).rig.boot().market.client;
	t.deepEqual(await collect(op.find(devnet, "helius")), [
		{ id: "helius", name: "api.helius.xyz, mainnet.helius-rpc.com on solana-devnet", price: "0.0005" },
	]);
	const elsewhere = newRig(market, key, { network: "solana" }).rig.boot().market.client;
	const { name, message } = await rig.error(op.endpointTerms(elsewhere, "helius"));
	t.is(name, "NetworkUnknown");
	t.regex(message, /`network`/);
});

test("a refund on a network that the indexer does not know is looked for once, and the end says why", async (t) => {
	const { rig, market } = await open(t);
	const { id } = { id: "00000000-0000-4000-8000-000000000001" };
	const body = { message: 'Unknown network "solana-mainnet"', error: "Bad Request", statusCode: 400 };
	market.indexer.script.next(`/api/calls/${id}`, { name: "answer", status: 400, body }, { times: 9 });
	const boot = rig.boot();
	const outcome = await boot.buy("dummy/quote/AAPL?fail=1");
	t.is(inWords(outcome), "unknown refund_pending");
	t.regex(outcome.detail, /does not know the network/);
	t.is(market.indexer.requests.length, 1);
	t.deepEqual(boot.waits, []);
});

test("a failure inside a 200 is delivered, and its cover alone comes back", async (t) => {
	const { rig, market } = await open(t);
	market.variant.headers = "gateway";
	rig.onWait = () => market.settle();
	const input = '{"jsonrpc":"2.0","id":1,"method":"sendTransaction","params":[]}';
	const outcome = await rig.boot().buy("helius/", input);
	t.is(inWords(outcome), "delivered paid");
	t.regex(outcome.detail, /5000 refunded by/);
	t.is(rig.spent(), 1_000n);
});

async function endOf(list: AsyncGenerator<unknown, unknown>): Promise<unknown> {
	let next = await list.next();
	while (next.done !== true) next = await list.next();
	return next.value;
}

test("an agent is eligible when it can be charged", async (t) => {
	const world = await open(t);
	const { market } = world.rig.boot();
	const own = await op.agent(market.client);
	t.true(own.isEligible);
	t.is(integer(own.balance!), 1_000_000n);
	t.is(integer(own.allowance!), 500_000n);
	t.false((await op.agent(market.client, "1".repeat(32))).isEligible);
});

test("a call's record: none before it is settled, then from the indexer and from the gateway", async (t) => {
	const world = await open(t, { refundPolls: 1 });
	const boot = world.rig.boot();
	await boot.buy("dummy/status/503", "{}");
	const { id } = world.market.calls()[0]!;
	t.is(await op.callRecord(boot.market.client, id), undefined);
	world.market.settle({ unsigned: true });
	t.like(await op.refund(boot.market.client, id), { signature: "", isBreach: true, isRefunded: false });
	world.market.settle();
	for (const source of ["indexer", "gateway"] as const) {
		const record = (await op.callRecord(boot.market.client, id, source))!;
		t.like(record, { callId: id, endpoint: "dummy", isBreach: true, breachReason: "server_error", isRefunded: true });
		t.is(integer(record.premium!), 1_000n);
		t.is(integer(record.refund!), 11_000n);
	}
	t.true((await op.refund(boot.market.client, id))?.isRefunded);
	t.is((await world.rig.error(op.callRecord(boot.market.client, "../x"))).name, "CallIdMalformed");
	t.is((await world.rig.error(op.callRecord(boot.market.client, "c-1", "gateway"))).name, "CallIdMalformed");
});

test("without a network the gateway is asked for what the indexer does not have", async (t) => {
	const world = await open(t, { network: "", slot: 0 });
	world.rig.onWait = () => world.market.settle();
	const outcome = await world.rig.boot().buy("base-data/status/503", "{}");
	t.is(inWords(outcome), "unknown refunded");
});

test("lookups wait for the market, and say what it refuses", async (t) => {
	const world = await open(t);
	const { gateway } = world.market;
	const { market } = world.rig.boot();
	gateway.script.next(`/v1/agents/${world.agent}`, world.market.refusal("rate_limit", { "Retry-After": "2" }));
	t.true((await op.agent(market.client)).isEligible);
	gateway.script.next(`/v1/agents/${world.agent}`, world.market.refusal("not_in_beta"));
	t.is((await world.rig.error(op.agent(market.client))).name, "NotInBeta");
	gateway.script.next(`/v1/agents/${world.agent}`, { name: "answer", status: 502, body: { error: "no" } });
	t.is((await world.rig.error(op.agent(market.client))).name, "LookupFailed");
	gateway.script.next(`/v1/agents/${world.agent}`, { name: "answer", status: 200, body: "<html>" });
	t.is((await world.rig.error(op.agent(market.client))).name, "AnswerMalformed");
	gateway.script.next("/.well-known/endpoints", { name: "answer", status: 200, body: "{}" });
	t.is((await world.rig.error(collect(op.endpoints(market.client)))).name, "ListMissing");
});

/** Cut at every operation, before and after it; then switched on until it has ended. */
async function cutEverywhere(t: ExecutionContext, offer: string, input: string, prepare: (world: World) => void) {
	const act = async (boot: Boot<Pact>) => {
		await boot.buy(offer, input);
	};
	const live = async (cut?: Cut) => {
		const world = await open(t, { refundPolls: 2 });
		prepare(world);
		const life = await world.rig.live(act, cut);
		return { ...life, ...world };
	};
	const whole = await live();
	t.true(whole.operations > 4);
	for (let at = 1; at <= whole.operations; at++) {
		for (const side of ["before", "after"] as const) {
			const life = await live({ at, side });
			const where = `${side} operation ${at}`;
			t.true(life.wasCut, where);
			t.true(life.rig.hasEnded(), `${where}: the purchase has ended`);
			t.true(life.market.calls().length <= whole.market.calls().length, `${where}: no call more than without a cut`);
			t.true(life.rig.spent() >= premiums(life), `${where}: the ledger counts what was charged`);
			life.rig.isSilent(t, life.market.secrets());
			await life.market.stop();
		}
	}
}

test("a call interrupted at every operation is made once", async (t) => {
	await cutEverywhere(t, "dummy/quote/AAPL", '{"limit":10}', () => {});
});

test("a failed call interrupted at every operation is made once, and its refund still followed", async (t) => {
	await cutEverywhere(t, "dummy/status/503", '{"limit":10}', ({ rig, market }) => {
		rig.onWait = () => market.settle();
	});
});

test("a call left when only its refund was to come asks for nothing but that", async (t) => {
	const world = await open(t, { refundPolls: 1 });
	const { rig, market } = world;
	const { operations } = await newRig(market, world.key, { refundPolls: 1 }).rig.live(async (boot) =>
		boot.buy("dummy/status/503", "{}"),
	);
	const first = rig.boot({ cut: { at: operations, side: "before" } });
	await first.run(async (boot) => boot.buy("dummy/status/503", "{}"));
	t.is(rig.record()?.state, "authorized");
	market.settle();
	const calls = market.calls().length;
	t.is(inWords(await rig.boot().buy("dummy/status/503", "{}")), "unknown refunded");
	t.is(market.calls().length, calls);
	t.is(rig.spent(), 1_000n);
});

test("a call left when its answer was there costs what the answer said", async (t) => {
	const world = await open(t);
	const { operations } = await newRig(world.market, world.key).rig.live(async (boot) => boot.buy("dummy/quote/A"));
	const first = world.rig.boot({ cut: { at: operations, side: "before" }, cap: 5_000 });
	await first.run(async (boot) => boot.buy("dummy/quote/A"));
	t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "unknown delivery_cut");
	t.is(world.rig.spent(), 1_000n);
});

test("a call that was interrupted is not gone on with when the plan asks for something else now", async (t) => {
	const { rig } = await open(t);
	const first = rig.boot({ cut: { at: 4, side: "after" } });
	await first.run(async (boot) => boot.buy("dummy/quote/A"));
	t.is(rig.record()?.state, "authorized");
	rig.rule = { asset: { ...rig.rules()[0]!.asset, address: "other" } };
	const boot = rig.boot();
	t.is((await rig.error(boot.buy("dummy/quote/A"))).name, "NoRule");
});
