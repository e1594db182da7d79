/** PayanAgent's client: what is on offer, receipts, and the input held against a schema. */
import test from "ava";
import { faultOf } from "../../../src/markets/payanagent/input_schema.js";
import { collect, integer } from "../market_device.js";
import { open } from "./kit.js";

const PAGE = {
	type: "object",
	properties: {
		url: { type: "string", minLength: 8, maxLength: 20 },
		depth: { type: "integer", minimum: 1, maximum: 3 },
		tags: { type: "array", items: { enum: ["a", "b", 1, null] } },
		size: { type: ["number", "null"] },
		nested: { properties: { x: { type: "boolean" } }, required: ["x"] },
		free: { $ref: "#/x", pattern: "^a$", oneOf: [] },
	},
	required: ["url"],
	additionalProperties: false,
};

const INPUTS: readonly (readonly [input: unknown, fault: string | undefined])[] = [
	[{ url: "https://a" }, undefined],
	[{ url: "https://a", depth: 3, tags: ["a", 1, null], size: null, nested: { x: true, y: 1 }, free: 7 }, undefined],
	[{}, 'input: "url" is missing'],
	[[], "input: expected object, got array"],
	[null, "input: expected object, got null"],
	[{ url: 1 }, "input.url: expected string, got number"],
	[{ url: "short" }, "the length of input.url: expected at least 8, got 5"],
	[{ url: "x".repeat(21) }, "the length of input.url: expected at most 20, got 21"],
	[{ url: "😀".repeat(20) }, undefined],
	[{ url: "😀".repeat(7) }, "the length of input.url: expected at least 8, got 7"],
	[{ url: "https://a", depth: 1.5 }, "input.depth: expected integer, got number"],
	[{ url: "https://a", depth: 0 }, "input.depth: expected at least 1, got 0"],
	[{ url: "https://a", tags: ["a", "c"] }, 'input.tags[1]: expected one of ["a","b",1,null]'],
	[{ url: "https://a", size: "1" }, "input.size: expected number or null, got string"],
	[{ url: "https://a", nested: {} }, 'input.nested: "x" is missing'],
	[{ url: "https://a", other: 1 }, 'input: "other" is unknown'],
];

test("an input is checked against the keywords of JSON Schema that the device knows", (t) => {
	for (const [input, fault] of INPUTS) t.is(faultOf(JSON.stringify(PAGE), input), fault, JSON.stringify(input));
});

test("a schema that is malformed refuses no input", (t) => {
	for (const text of [
		"",
		"a page's address",
		'{"url":"<page>"}',
		'"object"',
		'{"type":"http","method":"GET"}',
		"[1]",
	]) {
		t.is(faultOf(text, {}), undefined, text);
	}
	t.is(faultOf('{"properties":{"a":{"type":"string"}}}', { a: 1 }), "input.a: expected string, got number");
	t.is(faultOf('{"type":"object","required":["toString"]}', {}), 'input: "toString" is missing');
});

test("offers are listed page by page, in each order and by each filter", async (t) => {
	const world = await open(t);
	const { market } = world.rig.boot();
	const all = await collect(market.offers({ limit: 10 }));
	t.is(all.length, world.market.offers.all.length);
	t.is(new Set(all.map(({ id }) => id)).size, all.length);
	t.is(world.market.seen("/api/v1/offers").length, Math.ceil(all.length / 10));
	const prices = (await collect(market.offers({ sort: "price" }))).map(({ price }) => Number(price));
	t.deepEqual(
		prices,
		prices.toSorted((a, b) => a - b),
	);
	t.deepEqual(
		(await collect(market.offers({ offerType: "download" }))).map(({ id, offerType }) => [id, offerType]),
		[["dataset", "download"]],
	);
	t.is((await collect(market.offers({ category: "gauges" }))).length, 50);
	t.is((await collect(market.offers({ q: "e" }))).length, all.length, "a search has one page");
	t.like((await collect(market.find("sub-cent")))[0], { id: "sub-cent", name: "sub-cent", price: "0.001" });
	const [free] = await collect(market.find("relayed-free"));
	t.is(free!.price, undefined, "an ecosystem offer listed at 0 names its price in its terms alone");
	t.is((await collect(market.find(""))).length, all.length);
});

test("a list that is left early asks for no further page", async (t) => {
	const world = await open(t);
	const { market } = world.rig.boot();
	for await (const offer of market.offers({ limit: 5 })) if (offer.id !== "") break;
	t.is(world.market.seen("/api/v1/offers").length, 1);
});

test("a cursor that repeats ends the list", async (t) => {
	const world = await open(t);
	const body = { offers: [], nextCursor: "again" };
	world.market.script.next("/api/v1/offers", { name: "answer", status: 200, body }, { times: 3 });
	t.is((await world.rig.error(collect(world.rig.boot().market.offers()))).name, "AnswerMalformed");
	t.is(world.market.seen("/api/v1/offers").length, 2);
});

for (const single of ["flat", "wrapped"] as const) {
	for (const priceUsd of ["number", "string"] as const) {
		test(`one offer, one receipt and one agent are read (${single}, prices as ${priceUsd})`, async (t) => {
			const world = await open(t);
			Object.assign(world.market.variants, { single, priceUsd });
			const boot = world.rig.boot();
			await boot.buy("sub-cent");
			const { market } = boot;
			t.like(await market.quote("sub-cent"), { id: "sub-cent", price: "0.001", offerType: "api", inputSchema: "" });
			const offer = await market.offer("temperature");
			t.like(offer, { category: "data", sellerId: world.market.nativeSeller.id });
			t.is((await collect(market.find("temperature")))[0]?.trustScore, 1, "a list has it");
			t.like(JSON.parse(offer.inputSchema), { type: "object", required: ["place"] });
			const receipt = await market.receipt(world.market.receipts.all[0]!.id);
			t.like(receipt, { subject: "sub-cent", transaction: boot.payers.x402.record?.transaction });
			t.is(integer(receipt.amount!), 1_000n);
			t.true(world.market.isGenuine(receipt));
			const agent = await market.agent(world.market.nativeSeller.id);
			t.like(agent, { name: "Sensor Works", description: "Readings and files", trustScore: 1 });
		});
	}
}

test("a receipt is compared with the ledger's own record", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	const bought = await boot.market.buyOffer("temperature", '{"place":"roof"}', boot.payers.x402, boot.deliver);
	boot.end(bought);
	t.is(bought.detail, `receipt ${bought.receiptId}`);
	const record = boot.payers.x402.record!;
	t.deepEqual((await boot.market.checkReceipt(bought.receiptId, record)).differs, []);
	const other = { ...record, amount: new Uint8Array(32), transaction: `0x${"00".repeat(32)}` };
	t.deepEqual((await boot.market.checkReceipt(bought.receiptId, other)).differs, ["amount", "transaction"]);
	t.deepEqual((await boot.market.checkReceipt(bought.receiptId, { ...record, transaction: "" })).differs, [
		"transaction",
	]);
});

test("receipts are listed, all of them and an agent's own with its sums", async (t) => {
	const world = await open(t);
	await world.rig.boot().buy("sub-cent");
	await world.rig.boot({ period: 2 }).buy("temperature", '{"place":"roof"}');
	const { market } = world.rig.boot({ period: 3 });
	t.deepEqual(
		(await collect(market.receipts(5))).map(({ subject }) => subject),
		["temperature", "sub-cent"],
	);
	t.is((await collect(market.receipts(1))).length, 1);
	const own = market.agentReceipts(world.agentId, { side: "buyer", limit: 1 });
	t.like((await own.next()).value, { subject: "temperature", settlement: "direct" });
	const end = await own.next();
	t.true(end.done);
	t.like(end.value, { bought: 2, sold: 0 });
	t.is((await collect(market.agentReceipts(world.agentId, { side: "seller" }))).length, 0);
});

test("discover yields offers as they arrive, then agents and open requests", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	const id = await boot.market.createRequest({ title: "Temperature log", description: "x", budgetMaxCents: 4 });
	const list = boot.market.discover({ q: "temperature", category: "data", maxPriceCents: 5, offerType: "api" });
	t.like((await list.next()).value, { id: "temperature", price: "0.01" });
	const end = await list.next();
	t.true(end.done);
	t.like(end.value, { agents: [], openRequests: [{ id, title: "Temperature log", budgetMaxCents: 4 }] });
	const sensors = boot.market.discover({ q: "sensor works" });
	t.like((await sensors.next()).value, { agents: [{ name: "Sensor Works" }] });
});

test("the market's own documents are streamed", async (t) => {
	const world = await open(t);
	const { market, deliver, delivered } = world.rig.boot();
	await market.document("x402", deliver);
	t.true(JSON.parse(delivered[0]!).resources.some((url: string) => url.endsWith("/x402/temperature")));
	await market.document("openapi", deliver);
	t.is(JSON.parse(delivered[1]!).openapi, "3.1.0");
	world.market.script.next("/openapi.json", { name: "answer", status: 404, body: { error: "no" } });
	t.is((await world.rig.error(market.document("openapi", deliver))).name, "NotFound");
});

test("a lookup waits out 429 and 503 with Retry-After", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	const path = "/api/v1/receipts";
	world.market.script.next(path, {
		name: "answer",
		status: 503,
		headers: { "Retry-After": "2" },
		body: { error: "x" },
	});
	world.market.script.next(path, {
		name: "answer",
		status: 429,
		headers: { "Retry-After": "9" },
		body: { error: "x" },
	});
	t.deepEqual(await collect(boot.market.receipts()), []);
	t.deepEqual(boot.waits, [2_000, 9_000]);
	world.market.script.next(path, { name: "answer", status: 503, body: { error: "no" } });
	t.is((await world.rig.error(collect(boot.market.receipts()))).name, "Unavailable");
	t.is(boot.waits.length, 2);
});
