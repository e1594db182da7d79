/** Signatures that a device's calls carry at Pact Network Market. */
import test from "ava";
import { createPortableSigner } from "../../../modules/signer/portable.js";
import { agentOf, type SignedCall, signatureHeaders, signedText } from "../../../src/markets/pact/signature.js";
import { lifeOf } from "../market_device.js";
import { callTo, inWords, open, seen } from "./kit.js";

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

test("a market that takes only v1 signatures gets them from the next call on", async (t) => {
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

test("a stale timestamp ends the call, and the error names the clock", async (t) => {
	const world = await open(t);
	world.market.variant.errors = "gateway";
	world.rig.ahead = -31_000;
	const outcome = await world.rig.boot().buy("dummy/quote/A");
	t.is(inWords(outcome), "refused AuthStale");
	t.regex(outcome.detail, /SNTP/);
	t.is(seen(world).length, 1);
	t.is(world.rig.spent(), 0n);
});

test("a replayed nonce may mean that the call was made: it counts the cap and is not repeated", async (t) => {
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
