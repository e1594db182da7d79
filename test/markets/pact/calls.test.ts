/** Calls that a device makes at Pact Network Market: delivered, failed, refunded, and what each costs. */
import test from "ava";
import { callTo, inWords, open, premiums, seen } from "./kit.js";

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

	test(`a failed POST is not repeated, and its refund is polled until it is posted (${dialect})`, async (t) => {
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

	test(`a failed GET is not repeated, since it was billed (${dialect})`, async (t) => {
		const world = await open(t, { refundPolls: 1 });
		world.market.variant.headers = dialect;
		const boot = world.rig.boot();
		t.is(inWords(await boot.buy("dummy/status/500")), "unknown refund_pending");
		t.is(world.market.calls().length, 1);
		t.is(world.rig.spent(), premiums(world));
	});

	test(`a service's 4xx is never repeated, and costs what its header says (${dialect})`, async (t) => {
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
		test(`a service's ${path} is a breach that is refunded (${headers})`, async (t) => {
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

test("an uninsured call is unsigned, and free if the answer names no premium", async (t) => {
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

test("an insured call whose answer names no premium counts the plan's cap", async (t) => {
	const world = await open(t);
	world.market.variant.headers = "gateway";
	world.market.gateway.script.next("/v1/dummy/quote/A", { name: "header", header: "X-Pact-Premium", value: undefined });
	t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "delivered paid");
	t.is(world.rig.spent(), 5_000n);
});

test("a premium above the plan's cap is counted in full", async (t) => {
	const world = await open(t);
	t.is(inWords(await world.rig.boot({ cap: 500 }).buy("dummy/quote/A")), "delivered paid");
	t.is(world.rig.spent(), 1_000n);
});

test("method, path, query and body reach the service unchanged", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	await boot.buy("PUT dummy/echo/a%20b?c=d&e", '{"limit":10}');
	t.deepEqual(JSON.parse(boot.delivered[0]!), { method: "PUT", path: "/echo/a%20b?c=d&e", body: '{"limit":10}' });
	t.is(seen(world)[0]?.headers["content-type"], "application/json");
});

test("an answer of 64 kB is delivered whole", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	await boot.buy("dummy/big");
	t.is(boot.delivered[0]?.length, 65_536);
});

test("a failure without a refund is not polled for one", async (t) => {
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

test("a refusal that names a premium counts what it cost", async (t) => {
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

test("a service's own 429 is a call that was made, and is not repeated", async (t) => {
	const world = await open(t);
	for (const [i, input] of ["{}", ""].entries()) {
		const boot = world.rig.boot({ period: i + 1 });
		t.is(inWords(await boot.buy("dummy/status/429", input)), "refused client_error");
		t.is(seen(world).length, i + 1);
	}
});

test("an answer that arrives twice is counted once", async (t) => {
	const world = await open(t);
	world.market.gateway.script.next("/v1/dummy/quote/A", { name: "twice" });
	t.is(inWords(await world.rig.boot().buy("dummy/quote/A")), "delivered paid");
	t.is(world.rig.spent(), 1_000n);
});

test("a market that cannot be reached is tried three times and costs nothing", async (t) => {
	const world = await open(t);
	await world.market.stop();
	const boot = world.rig.boot();
	t.is(inWords(await boot.buy("dummy/quote/A")), "refused ConnectFailed");
	t.deepEqual(boot.waits, [500, 1_000]);
	t.is(world.rig.spent(), 0n);
});

test("a refund on a network unknown to the indexer is looked up once, and the outcome says why", async (t) => {
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

test("a failure inside a 200 is delivered, and only its cover is refunded", async (t) => {
	const { rig, market } = await open(t);
	market.variant.headers = "gateway";
	rig.onWait = () => market.settle();
	const input = '{"jsonrpc":"2.0","id":1,"method":"sendTransaction","params":[]}';
	const outcome = await rig.boot().buy("helius/", input);
	t.is(inWords(outcome), "delivered paid");
	t.regex(outcome.detail, /5000 refunded by/);
	t.is(rig.spent(), 1_000n);
});

test("without a configured network a refund is looked up at the gateway", async (t) => {
	const world = await open(t, { network: "", slot: 0 });
	world.rig.onWait = () => world.market.settle();
	const outcome = await world.rig.boot().buy("base-data/status/503", "{}");
	t.is(inWords(outcome), "unknown refunded");
});
