/** What Pact Network Market refuses, in both spellings, and what a device does not ask for. */
import test from "ava";
import * as op from "../../../src/markets/pact/operations.js";
import { Pact } from "../../../src/markets/pact/pact.js";
import type { PactOptions } from "../../../src/markets/pact/settings.js";
import { startPact } from "../../../tools/world/markets/pact/market.js";
import { lifeOf, Rig } from "../market_device.js";
import { callTo, inWords, newRig, open, premiums, seen } from "./kit.js";

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
		test(`${name} ends the call and costs nothing (${errors})`, async (t) => {
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

test("a wrong key, missing funds and unusable endpoints end the call by name and cost nothing", async (t) => {
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

test("429 and an unread balance end the call, which is not repeated", async (t) => {
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

test("a 502 or 504 without headers is looked up by the call id in its body", async (t) => {
	for (const name of ["upstream_unreachable", "upstream_timeout"] as const) {
		const world = await open(t, { refundPolls: 2 });
		world.market.gateway.script.next("/v1/dummy/quote/A", world.market.refusal(name));
		t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "unknown refund_pending");
		t.is(seen(world).length, 1, "what it cost is not known");
		t.is(world.rig.spent(), 5_000n);
		t.is(world.market.indexer.requests.length, 2);
	}
});

test("a gateway's plain-text 503 for a network that it does not serve ends the call", async (t) => {
	const world = await open(t);
	t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("unserved/quote/A")), "refused http_503");
	t.is(world.market.gateway.requests.length, 1);
	t.is(world.rig.spent(), 0n);
	t.is(lifeOf(world.rig), 5_000n, "whether it was called is the market's word alone");
});

test("a proxy's 502 and a redirect count the cap and are not repeated", async (t) => {
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
	test(`a call whose connection breaks at the ${at} is never repeated`, async (t) => {
		const world = await open(t);
		world.market.gateway.script.next("/v1/dummy/quote/A", { name: "wire", at, does: "reset" });
		const outcome = await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A");
		t.is(outcome.state, "unknown");
		t.is(seen(world).length, 1);
		t.true(world.rig.spent() >= premiums(world));
	});
}

test("no request leaves unless rule, plan, clock and key slot allow it", async (t) => {
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

test("without a key slot calls are uninsured, and an insured one is refused", async (t) => {
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
