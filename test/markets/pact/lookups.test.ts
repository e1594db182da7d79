/** Endpoints, agents and records of calls, as Pact Network Market and its indexer have them. */
import test from "ava";
import * as op from "../../../src/markets/pact/operations.js";
import { collect, integer } from "../market_device.js";
import { newRig, open } from "./kit.js";

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

test("an endpoint's premium, cover and insured latency come from the indexer", async (t) => {
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

test("a call has no record until it is settled, then the same at indexer and gateway", async (t) => {
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

test("a lookup waits as the market asks, and names what it refuses", async (t) => {
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
