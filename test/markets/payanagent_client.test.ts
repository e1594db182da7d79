/**
 * The device's client of PayanAgent against the local market, which settles on a local chain: each operation, each refusal,
 * and purchases interrupted at every single thing that the device does to the world.
 */
import test, { type ExecutionContext } from "ava";
import type { HttpResponse } from "../../src/http/response.js";
import type { Api, PayanAgentOptions } from "../../src/markets/payanagent/api.js";
import { faultOf } from "../../src/markets/payanagent/input_schema.js";
import type { NewOffer } from "../../src/markets/payanagent/options.js";
import { PayanAgent } from "../../src/markets/payanagent/payanagent.js";
import { deliverFile, Payment } from "../../src/markets/payanagent/purchase.js";
import type { Deliver, Outcome } from "../../src/x402/client.js";
import { type Chain, startChain, usdc } from "../world/chain.js";
import { type Boot, collect, integer, Rig } from "./client_rig.js";
import { type PayanAgent as LocalMarket, startPayanAgent } from "./payanagent/market.js";
import { dataset } from "./payanagent/upstream.js";

let chain: Chain;
test.before(async () => {
	console.warn = () => {}; // the official server tells of each header that it cannot decode
	chain = await startChain();
});
test.after.always(() => chain?.stop());

interface World {
	readonly market: LocalMarket;
	readonly rig: Rig<PayanAgent>;
	/** Of the device's own agent. */
	readonly agentId: string;
	readonly apiKey: string;
}

/** A market with wide limits, and a device with money and an agent. */
async function open(t: ExecutionContext, options: PayanAgentOptions = {}): Promise<World> {
	const market = await startPayanAgent(chain);
	t.teardown(market.stop);
	market.limits.public = Number.POSITIVE_INFINITY;
	return await newDevice(market, options);
}

async function newDevice(market: LocalMarket, options: PayanAgentOptions = {}): Promise<World> {
	let agent = { id: "", apiKey: "" };
	const asset = { ...usdc, address: usdc.address.toLowerCase(), network: chain.network, symbol: "USDC", decimals: 6 };
	const rig: Rig<PayanAgent> = new Rig<PayanAgent>({
		origin: market.url,
		rules: [{ asset, methods: ["eip3009", "permit2"], payTo: [] }],
		aftermathMs: 250,
		make: (means) => new PayanAgent(means, { host: market.url, apiKey: agent.apiKey, agentId: agent.id, ...options }),
	});
	agent = market.newAgent(rig.address, "The device");
	await chain.mint(rig.address, 100_000_000n);
	return { market, rig, agentId: agent.id, apiKey: agent.apiKey };
}

const inWords = ({ state, outcome }: Pick<Outcome, "state" | "outcome">): string => `${state} ${outcome}`;
const moved = async ({ rig }: World): Promise<bigint> =>
	(await chain.transfers(rig.address)).reduce((sum, { value }) => sum + value, 0n);
const paidRequests = ({ market }: World, path: string) =>
	market.seen(path).filter(({ payment }) => payment !== undefined);

const deliverNothing: Deliver = async (response) => response.discard();

// — Buying —

const BOUGHT = [
	["a native offer", "temperature", '{"place":"roof"}', /"temperature":21.5/, 10_000n],
	["a native offer below a cent", "sub-cent", "", /"temperature":21.5/, 1_000n],
	["a native offer by POST", "scrape", '{"url":"https://example.com","depth":2}', /# Example/, 50_000n],
	["a relayed offer", "relayed", "", /./, 10_000n],
	["a relayed offer with terms in header and body", "relayed-in-both", "", /./, 10_000n],
	["a relayed offer with terms in the body", "relayed-in-body", "", /./, 10_000n],
	["a relayed offer of x402 v1", "relayed-v1", "", /./, 10_000n],
	["a relayed offer by POST", "relayed-echo", '{"url":"https://example.com"}', /"bytes":29/, 10_000n],
] as const;

for (const [what, offer, input, body, price] of BOUGHT) {
	test(`buys ${what}`, async (t) => {
		const world = await open(t);
		const boot = world.rig.boot();
		const outcome = await boot.buy(offer, input);
		t.is(inWords(outcome), "delivered paid");
		t.regex(outcome.transaction, /^0x[0-9a-f]{64}$/);
		t.regex(boot.delivered[0]!, body);
		t.is(await moved(world), price);
		t.is(world.rig.spent(), price);
		t.true(paidRequests(world, `/x402/${offer}`).every(({ headers }) => headers.authorization === undefined));
		world.rig.isSilent(t, world.market.secrets());
	});
}

test("what costs nothing is delivered as free", async (t) => {
	const world = await open(t);
	t.is(inWords(await world.rig.boot().buy("relayed-free")), "delivered free");
	t.is(await moved(world), 0n);
});

test("a download offer's file is fetched with nothing that is ours, and delivered", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot({ cap: 300_000 });
	const outcome = await boot.market.buyOffer("dataset", "", boot.payers.x402, boot.deliver);
	boot.end(outcome);
	t.is(inWords(outcome), "delivered paid");
	t.deepEqual(boot.delivered, [dataset]);
	t.is(outcome.receiptId, world.market.receipts.all[0]!.id);
	t.is(world.market.upstream.requests.length, 1);
	const { headers } = world.market.upstream.requests[0]!;
	t.is(headers.authorization, undefined);
	t.is(headers["payment-signature"], undefined);
	t.is(world.rig.spent(), 250_000n);
});

test("a download offer may name receipt and transaction in its body alone", async (t) => {
	const world = await open(t);
	const fileUrl = `${world.market.upstream.url}/files/dataset.csv`;
	const txHash = `0x${"ab".repeat(32)}`;
	world.market.script.next(
		"/x402/dataset",
		{ name: "answer", status: 200, body: { receiptId: "rcpt-1", fileUrl, txHash }, at: "answer" },
		{ when: ({ headers }) => "payment-signature" in headers },
	);
	const outcome = await world.rig.boot({ cap: 300_000 }).buy("dataset");
	t.like(outcome, { state: "delivered", transaction: txHash, receiptId: "rcpt-1", detail: "receipt rcpt-1" });
});

test("a file that cannot be had is asked for again, never paid for again", async (t) => {
	const world = await open(t);
	const offer = world.market.offers.find("dataset");
	offer.fileUrl = `${world.market.upstream.url}/files/none.csv`;
	const boot = world.rig.boot({ cap: 300_000 });
	const outcome = await boot.buy("dataset");
	t.is(inWords(outcome), "unknown FileUnavailable");
	t.false(outcome.detail.includes("none.csv"));
	t.is(world.market.upstream.requests.length, 3);
	t.is(paidRequests(world, "/x402/dataset").length, 1);
	t.is(await moved(world), 250_000n);
	t.is(world.rig.spent(), 250_000n);
});

test("what the sink says of a file is its own, and ends it", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot({ cap: 300_000 });
	const full: Deliver = async (response) => {
		response.close();
		throw Object.assign(new Error("no room"), { name: "SinkFull" });
	};
	const outcome = await boot.market.buy({ offer: "dataset", input: "" }, boot.payers, full);
	t.is(inWords(boot.end(outcome)), "unknown SinkFull");
	t.is(world.market.upstream.requests.length, 1);
});

test("a file is not fetched without TLS when the market is asked over TLS", async (t) => {
	let asked = 0;
	const http = {
		request: async () => {
			asked++;
			throw new Error("expected no request");
		},
	};
	const api = { host: "https://payanagent.com", means: { http } } as unknown as Api;
	const pieces = [new TextEncoder().encode('{"fileUrl":"http://192.168.0.1/reboot"}')];
	const response = { read: async () => pieces.pop(), close() {} } as unknown as HttpResponse;
	const file = deliverFile(api, new Payment(api, "offer"), response, deliverNothing);
	await t.throwsAsync(file, { name: "FileUnavailable" });
	t.is(asked, 0);
});

test("a purchase is gone on with when its offer can no longer be looked up", async (t) => {
	const world = await open(t);
	const input = '{"place":"roof"}';
	const { operations } = await (await newDevice(world.market)).rig.live(async (boot) => boot.buy("temperature", input));
	const first = world.rig.boot({ cut: { at: operations, side: "before" } });
	await first.run(async (boot) => boot.buy("temperature", input));
	t.is(world.rig.record()?.state, "authorized");
	world.market.script.next("/api/v1/offers/temperature", { name: "answer", status: 404, body: { error: "gone" } });
	const outcome = await world.rig.boot().buy("temperature", input);
	t.is(inWords(outcome), "unknown refused_without_terms");
	t.is(await moved(world), 10_000n);
	t.is(world.rig.spent(), 10_000n);
});

test("a native offer's failing seller has been paid: unknown, with the receipt, and not asked again", async (t) => {
	const world = await open(t);
	const outcome = await world.rig.boot().buy("broken");
	t.is(inWords(outcome), "unknown charged_undelivered");
	t.regex(outcome.detail, /receipt rcpt-/);
	t.regex(outcome.transaction, /^0x[0-9a-f]{64}$/);
	t.is(paidRequests(world, "/x402/broken").length, 1);
	t.is(world.rig.spent(), 20_000n);
});

const CHARGED = [
	["502 that says so in its error", 502, {}, { error: "Payment settled but the service failed" }],
	["502 that says so in its message", 502, {}, { error: "x", message: "Payment settled but the offer call failed." }],
	["500 with a receipt", 500, {}, { error: "Offer has no endpoint configured", receiptId: "rcpt-1" }],
	["404 of the seller, with the transaction", 404, { "X-Tx-Hash": `0x${"ab".repeat(32)}` }, { error: "not here" }],
	["503 of the seller, with the receipt", 503, { "X-Receipt-Id": "rcpt-1" }, { error: "not now" }],
] as const;

for (const [what, status, headers, body] of CHARGED) {
	test(`paid and not delivered: ${what}`, async (t) => {
		const world = await open(t);
		world.market.script.next(
			"/x402/temperature",
			{ name: "answer", status, headers, body, at: "answer" },
			{ when: (request) => "payment-signature" in request.headers },
		);
		const outcome = await world.rig.boot().buy("temperature", '{"place":"roof"}');
		t.is(inWords(outcome), "unknown charged_undelivered");
		t.is(paidRequests(world, "/x402/temperature").length, 1);
		t.is(await moved(world), 10_000n);
		t.is(world.rig.spent(), 10_000n);
	});
}

test("a 402 after paying has no terms: never signed anew", async (t) => {
	const world = await open(t);
	world.market.faults.add("/x402/temperature", { name: "verify-refuses", reason: "insufficient_funds" });
	const outcome = await world.rig.boot().buy("temperature", '{"place":"roof"}');
	t.is(inWords(outcome), "unknown refused_without_terms");
	t.is(new Set(paidRequests(world, "/x402/temperature").map(({ payment }) => payment)).size, 1);
	t.is(world.rig.spent(), 10_000n);
});

for (const [where, offer] of [
	["native", "temperature"],
	["relayed", "relayed"],
] as const) {
	for (const at of ["request", "answer", "headers", "body"] as const) {
		test(`a ${where} purchase whose connection breaks (${at}) is paid once`, async (t) => {
			const world = await open(t);
			world.market.faults.add(`/x402/${offer}`, { name: "wire", at, does: "reset" });
			const outcome = await world.rig.boot().buy(offer, offer === "temperature" ? '{"place":"roof"}' : "");
			t.true(["delivered", "unknown"].includes(outcome.state), inWords(outcome));
			const payments = paidRequests(world, `/x402/${offer}`);
			t.is(new Set(payments.map(({ payment }) => payment)).size, 1, "one payment, however often it is sent");
			t.is(await moved(world), 10_000n);
			t.is(world.rig.spent(), 10_000n);
		});
	}
}

test("terms beyond plan and rule are not paid", async (t) => {
	const world = await open(t);
	t.is((await world.rig.error(world.rig.boot({ cap: 100_000 }).buy("relayed-dear"))).name, "OverPlanCap");
	t.is(await moved(world), 0n);
	t.is(world.rig.record(), undefined);
});

test("the input is held against inputSchema before anything is paid or asked for", async (t) => {
	const world = await open(t);
	const error = await world.rig.error(world.rig.boot().buy("scrape", '{"url":"https://example.com","depth":4}'));
	t.is(error.name, "InputInvalid");
	t.regex(error.message, /input\.depth: expected at most 3, got 4/);
	t.is((await world.rig.error(world.rig.boot().buy("temperature"))).name, "InputInvalid");
	t.is((await world.rig.error(world.rig.boot().buy("temperature", "{"))).name, "InputInvalid");
	t.is(world.market.seen("/x402/scrape").length, 0);
	t.is(world.rig.record(), undefined);
});

test("an input that only the market refuses costs nothing", async (t) => {
	const world = await open(t);
	world.market.variants.inputCheckedBy = "market";
	world.market.script.next("/api/v1/offers/temperature", {
		name: "answer",
		status: 200,
		body: { id: "temperature", title: "temperature", offerType: "api", inputSchema: "a place" },
	});
	const error = await world.rig.error(world.rig.boot().buy("temperature", '{"where":"roof"}'));
	t.is(error.name, "BadRequest");
	t.regex(error.message, /Invalid input/);
	t.is(await moved(world), 0n);
});

test("the older way buys native offers with the key, and goes to the newer one for others", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	const outcome = await boot.market.buyLegacy("temperature", '{"place":"roof"}', boot.payers.x402, boot.deliver);
	boot.end(outcome);
	t.is(inWords(outcome), "delivered paid");
	t.is(world.market.seen("/x402/temperature").length, 0);
	t.is(world.market.seen("/api/v1/offers/temperature/buy")[0]?.headers.authorization, `Bearer ${world.apiKey}`);

	const second = world.rig.boot({ period: 2 });
	const relayed = await second.market.buyLegacy("relayed", "", second.payers.x402, second.deliver);
	second.end(relayed);
	t.is(inWords(relayed), "delivered paid");
	t.is(world.market.seen("/x402/relayed", "GET").length, 2);
	t.is(await moved(world), 20_000n);
	world.rig.isSilent(t, world.market.secrets());
});

test("rate limits before a payment are waited for; too long ones and too many are not", async (t) => {
	const world = await open(t);
	const path = "/x402/sub-cent";
	const busy = (retry?: string) => ({
		name: "answer" as const,
		status: 429,
		headers: retry === undefined ? {} : { "Retry-After": retry },
		body: { error: "Too many requests" },
	});
	world.market.script.next(path, busy("3"));
	world.market.script.next(path, busy());
	const boot = world.rig.boot();
	t.is(inWords(await boot.buy("sub-cent")), "delivered paid");
	t.deepEqual(boot.waits, [3_000, 2_000]);
	world.market.script.next(path, busy(), { times: 3 });
	t.is((await world.rig.error(world.rig.boot({ period: 2 }).buy("sub-cent"))).name, "RateLimited");
	world.market.script.next(path, busy("3600"));
	t.is((await world.rig.error(world.rig.boot({ period: 3 }).buy("sub-cent"))).name, "RateLimited");
	t.is(await moved(world), 1_000n);
	t.deepEqual(world.market.script.left(), []);
});

test("rate limits of the market itself: 30 a minute are enough for a purchase after a wait", async (t) => {
	const world = await open(t);
	world.market.limits.public = 2;
	world.rig.onWait = () => world.market.clock.advance(60);
	const boot = world.rig.boot();
	t.is(inWords(await boot.buy("sub-cent")), "delivered paid");
	t.is(inWords(await world.rig.boot({ period: 2 }).buy("sub-cent")), "delivered paid");
	world.market.limits.paid = 2;
	const third = world.rig.boot({ period: 3 });
	t.is(inWords(await third.buy("sub-cent")), "delivered paid");
	t.true(third.waits.length > 0, "a 429 after paying: the same payment is sent again");
	t.is(await moved(world), 3_000n);
});

const UNPAID = [
	[400, "BadRequest"],
	[401, "KeyRefused"],
	[403, "NotAllowed"],
	[404, "NotFound"],
	[409, "Settling"],
	[500, "ServerFailed"],
	[501, "NotRoutable"],
	[502, "UpstreamFailed"],
	[503, "Unavailable"],
] as const;

for (const [status, name] of UNPAID) {
	test(`${status} before a payment is ${name}, in a lookup too`, async (t) => {
		const world = await open(t);
		const answer = { name: "answer", status, body: { error: `No \u001b[31m${world.apiKey}` } } as const;
		world.market.script.next("/x402/sub-cent", answer);
		t.is((await world.rig.error(world.rig.boot().buy("sub-cent"))).name, name);
		world.market.script.next("/api/v1/offers/sub-cent", answer);
		const error = await world.rig.error(world.rig.boot().market.offer("sub-cent"));
		t.is(error.name, name);
		t.false(error.message.includes("\u001b"));
		t.is(world.rig.record(), undefined);
		world.rig.isSilent(t, world.market.secrets());
	});
}

test("an offer that is not there, and ids that are none", async (t) => {
	const { rig } = await open(t);
	const { market } = rig.boot();
	t.is((await rig.error(rig.boot().buy("nothing"))).name, "NotFound");
	for (const id of ["", "..", "a/b", "a?b", ".", "x".repeat(129)]) {
		t.is((await rig.error(market.offer(id))).name, "IdMalformed", id);
	}
});

// — inputSchema —

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
	[{ url: "😀".repeat(8) }, undefined],
	[{ url: "https://a", depth: 1.5 }, "input.depth: expected integer, got number"],
	[{ url: "https://a", depth: 0 }, "input.depth: expected at least 1, got 0"],
	[{ url: "https://a", tags: ["a", "c"] }, 'input.tags[1]: expected one of ["a","b",1,null]'],
	[{ url: "https://a", size: "1" }, "input.size: expected number or null, got string"],
	[{ url: "https://a", nested: {} }, 'input.nested: "x" is missing'],
	[{ url: "https://a", other: 1 }, 'input: "other" is not known'],
];

test("an input against JSON Schema: what of it is looked at", (t) => {
	for (const [input, fault] of INPUTS) t.is(faultOf(JSON.stringify(PAGE), input), fault, JSON.stringify(input));
});

test("what is no JSON Schema is not held against anything", (t) => {
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

// — Looking —

test("offers are walked page by page, by each order and filter", async (t) => {
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
	t.is((await collect(market.offers({ category: "gauges", sort: "new", limit: 7 }))).length, 50);
	t.like((await collect(market.find("sub-cent")))[0], { id: "sub-cent", name: "sub-cent", price: "0.001" });
	t.is((await collect(market.find(""))).length, all.length);
});

test("a walk that is left early asks for no further page", async (t) => {
	const world = await open(t);
	const { market } = world.rig.boot();
	for await (const offer of market.offers({ limit: 5 })) if (offer.id !== "") break;
	t.is(world.market.seen("/api/v1/offers").length, 1);
});

test("a cursor that goes nowhere ends the walk", async (t) => {
	const world = await open(t);
	const body = { offers: [], nextCursor: "again" };
	world.market.script.next("/api/v1/offers", { name: "answer", status: 200, body }, { times: 3 });
	t.is((await world.rig.error(collect(world.rig.boot().market.offers()))).name, "AnswerMalformed");
	t.is(world.market.seen("/api/v1/offers").length, 2);
});

for (const single of ["flat", "wrapped"] as const) {
	for (const priceUsd of ["number", "string"] as const) {
		test(`one offer, receipt and agent (${single}, prices as ${priceUsd})`, async (t) => {
			const world = await open(t);
			Object.assign(world.market.variants, { single, priceUsd });
			const boot = world.rig.boot();
			await boot.buy("sub-cent");
			const { market } = boot;
			t.like(await market.quote("sub-cent"), { id: "sub-cent", price: "0.001", offerType: "api", inputSchema: "" });
			const offer = await market.offer("temperature");
			t.like(offer, { category: "data", sellerId: world.market.nativeSeller.id, trustScore: 1 });
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

test("a receipt is held against the ledger's own record", async (t) => {
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

test("receipts: the feed, and an agent's own with its sums", async (t) => {
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
	t.like((await own.next()).value, { subject: "temperature", settlement: "purchase" });
	const end = await own.next();
	t.true(end.done);
	t.like(end.value, { bought: 2, sold: 0 });
	t.is((await collect(market.agentReceipts(world.agentId, { side: "seller" }))).length, 0);
});

test("discover: offers as they arrive, agents and open requests at the end", async (t) => {
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

test("what the market publishes of itself is streamed", async (t) => {
	const world = await open(t);
	const { market, deliver, delivered } = world.rig.boot();
	await market.document("x402", deliver);
	t.true(JSON.parse(delivered[0]!).resources.some((url: string) => url.endsWith("/x402/temperature")));
	await market.document("openapi", deliver);
	t.is(JSON.parse(delivered[1]!).openapi, "3.1.0");
	world.market.script.next("/openapi.json", { name: "answer", status: 404, body: { error: "no" } });
	t.is((await world.rig.error(market.document("openapi", deliver))).name, "NotFound");
});

test("lookups wait for the market: 429 and 503 with Retry-After", async (t) => {
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

// — Agents and offers of one's own —

test("an agent registers, is seen, and changes itself; its key is said nowhere", async (t) => {
	const world = await open(t);
	const { market } = world.rig.boot();
	const registered = await market.register({
		name: "Meter",
		description: "Reads",
		walletAddress: world.rig.address,
		tags: ["a"],
		providerType: "agent",
		agentUrl: "https://meter.example",
		ownerEmail: "owner@example.com",
	});
	t.true(registered.apiKey.startsWith(registered.apiKeyPrefix));
	t.like(await market.agent(registered.agentId), { id: registered.agentId, name: "Meter", description: "Reads" });
	await market.updateAgent(world.agentId, { description: "Reads more" });
	t.is((await market.agent(world.agentId)).description, "Reads more");
	t.is((await world.rig.error(market.updateAgent(registered.agentId, { name: "Mine" }))).name, "NotAllowed");
	world.rig.isSilent(t, [...world.market.secrets(), registered.apiKey]);
});

test("a registration is not repeated when it may have been heard, nor waited an hour for", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot();
	const agent = { name: "Meter", description: "Reads", walletAddress: world.rig.address };
	const path = "/api/v1/agents";
	world.market.script.next(path, { name: "wire", at: "answer", does: "reset" });
	t.is((await world.rig.error(boot.market.register(agent))).name, "NoResponse");
	world.market.script.next(path, {
		name: "answer",
		status: 503,
		headers: { "Retry-After": "2" },
		body: { error: "x" },
	});
	t.is((await world.rig.error(boot.market.register(agent))).name, "Unavailable");
	world.market.limits.registrations = 1;
	t.is((await world.rig.error(boot.market.register(agent))).name, "RateLimited");
	t.is(world.market.seen(path, "POST").length, 3);
	t.deepEqual(boot.waits, []);
});

test("offers of one's own: made, changed, taken back", async (t) => {
	const world = await open(t);
	const { market } = world.rig.boot();
	const fields: NewOffer = {
		title: "Roof",
		description: "The roof's temperature",
		category: "data",
		tags: ["roof"],
		priceCents: 50,
		offerType: "api",
		endpoint: "https://meter.example/roof",
		httpMethod: "POST",
		inputSchema: { type: "object" },
	};
	const id = await market.createOffer(fields);
	t.like(await market.offer(id), { name: "Roof", price: "0.5", offerType: "api" });
	await market.updateOffer(id, { priceCents: 75 });
	t.is((await market.offer(id)).price, "0.75");
	t.is((await world.rig.error(market.updateOffer("temperature", { priceCents: 1 }))).name, "NotAllowed");
	await market.deleteOffer(id);
	t.is((await world.rig.error(market.offer(id))).name, "NotFound");
	t.is((await world.rig.error(market.createOffer({ ...fields, priceCents: -1 }))).name, "BadRequest");
});

test("without a key nothing is asked that needs one", async (t) => {
	const world = await open(t, { apiKey: "" });
	const { market } = world.rig.boot();
	t.is((await world.rig.error(market.deleteOffer("temperature"))).name, "KeyUnset");
	t.is(world.market.requests.length, 0);
	const other = await newDevice(world.market, { apiKey: "pa_wrong" });
	t.is((await other.rig.error(other.rig.boot().market.deleteOffer("temperature"))).name, "KeyRefused");
	other.rig.isSilent(t, ["pa_wrong"]);
});

// — Requests —

const WORK = { title: "Count the cars", description: "On the photograph", budgetMaxCents: 200 };

/** A provider with a device of its own. */
async function newProvider({ market }: World): Promise<World> {
	return await newDevice(market);
}

/** A request with a bid accepted and fulfilled. */
async function fulfilled(world: World, provider: World, isEscrow: boolean): Promise<string> {
	const boot = world.rig.boot({ period: 100, cap: 10_000_000 });
	let id: string;
	if (isEscrow) {
		const made = await boot.market.createRequestWithEscrow(WORK, boot.payers.x402);
		boot.end(made);
		id = made.requestId;
	} else id = await boot.market.createRequest(WORK);
	const bidId = await provider.rig.boot().market.bid(id, { priceCents: 150, message: "Tomorrow" });
	await boot.market.accept(id, bidId);
	await provider.rig.boot().market.fulfill(id, "42 cars");
	return id;
}

test("a request without escrow: bid, accepted, fulfilled, and paid directly when approved", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const buyer = world.rig.boot({ cap: 10_000_000 });
	const seller = provider.rig.boot().market;
	const id = await buyer.market.createRequest({ ...WORK, inputPayload: "a photograph" });
	t.deepEqual(
		(await collect(seller.requests({ status: "open", q: "cars" }))).map((each) => [each.id, each.budgetMaxCents]),
		[[id, 200]],
	);
	const bidId = await seller.bid(id, { priceCents: 150, estimatedDurationSeconds: 1_800, message: "Tomorrow" });
	t.like((await buyer.market.request(id)).bids[0], { id: bidId, priceCents: 150, message: "Tomorrow" });
	await buyer.market.accept(id, bidId);
	await seller.fulfill(id, "42 cars");
	t.like((await buyer.market.request(id)).request, { status: "fulfilled", agreedPriceCents: 150, isEscrow: false });

	const outcome = buyer.end(await buyer.market.approve(id, buyer.payers.x402));
	t.is(inWords(outcome), "delivered paid");
	t.is(await moved(world), 1_500_000n);
	t.is(world.rig.spent(), 1_500_000n);
	t.is(outcome.receiptId, world.market.receipts.all[0]!.id);
	t.is((await buyer.market.request(id)).request.status, "approved");
	await buyer.market.readRequest(id, buyer.deliver);
	t.like(JSON.parse(buyer.delivered.at(-1)!), { request: { outputPayload: "42 cars", inputPayload: "a photograph" } });
	world.rig.isSilent(t, world.market.secrets());
});

test("a request with escrow: paid when it is made, released when it is approved", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const id = await fulfilled(world, provider, true);
	t.is(await moved(world), 2_000_000n);
	t.is(world.rig.spent(), 2_000_000n);
	const boot = world.rig.boot({ period: 101, cap: 10_000_000 });
	const outcome = boot.end(await boot.market.approve(id, boot.payers.x402));
	t.is(inWords(outcome), "delivered free");
	t.is(outcome.receiptId, world.market.receipts.all.at(-1)!.id);
	t.is(await chain.balanceOf(provider.rig.address), 101_500_000n);
	t.is(await moved(world), 2_000_000n);
});

test("a provider hired at once, with escrow of what was agreed", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const boot = world.rig.boot({ cap: 10_000_000 });
	const fields = { ...WORK, providerId: provider.agentId, agreedPriceCents: 120 };
	const made = boot.end(await boot.market.createRequestWithEscrow(fields, boot.payers.x402));
	t.is(inWords(made), "delivered paid");
	t.is(await moved(world), 1_200_000n);
	t.like((await boot.market.request(made.requestId)).request, { providerId: provider.agentId, isEscrow: true });
});

test("a request that was paid and whose answer was lost is found again", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot({ cap: 10_000_000 });
	world.market.faults.add("/api/v1/requests", { name: "wire", at: "answer", does: "reset" });
	const made = boot.end(await boot.market.createRequestWithEscrow(WORK, boot.payers.x402));
	t.is(inWords(made), "delivered paid");
	t.is(made.requestId, world.market.requestsOfBuyers[0]!.id);
	t.is(world.market.requestsOfBuyers.length, 1);
	t.is(await moved(world), 2_000_000n);
});

test("one that is not found stays unknown, and is not paid again", async (t) => {
	const world = await open(t, { agentId: "" });
	const boot = world.rig.boot({ cap: 10_000_000 });
	world.market.faults.add("/api/v1/requests", { name: "wire", at: "answer", does: "reset" });
	const made = boot.end(await boot.market.createRequestWithEscrow(WORK, boot.payers.x402));
	t.is(made.state, "unknown");
	t.is(made.requestId, "");
	t.is(await moved(world), 2_000_000n);
	t.is(world.rig.spent(), 2_000_000n);
});

test("an approval that is being settled: waited for, and nothing is paid", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const id = await fulfilled(world, provider, false);
	const job = world.market.requestsOfBuyers[0]!;
	job.settling = true;
	let looks = 0;
	world.rig.onWait = () => {
		looks++;
		if (looks === 2) Object.assign(job, { settling: false, status: "approved" });
	};
	const boot = world.rig.boot({ cap: 10_000_000 });
	const outcome = boot.end(await boot.market.approve(id, boot.payers.x402));
	t.is(inWords(outcome), "delivered free");
	t.is(await moved(world), 0n);
	t.is(world.market.seen(`/api/v1/requests/${id}/approve`).length, 1);
});

test("one that never settles is said, and nothing is paid", async (t) => {
	const world = await open(t, { settlementPolls: 3 });
	const provider = await newProvider(world);
	const id = await fulfilled(world, provider, false);
	world.market.requestsOfBuyers[0]!.settling = true;
	const boot = world.rig.boot({ cap: 10_000_000 });
	t.is((await world.rig.error(boot.market.approve(id, boot.payers.x402))).name, "Settling");
	t.deepEqual(boot.waits, [1_000, 2_000]);
	t.is(await moved(world), 0n);
});

test("a 409 to the payment itself: the request is looked at, the payment is not sent again", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const id = await fulfilled(world, provider, false);
	const path = `/api/v1/requests/${id}/approve`;
	world.market.script.next(
		path,
		{ name: "answer", status: 409, body: { error: "Request is already being settled" }, at: "answer" },
		{ when: ({ headers }) => "payment-signature" in headers },
	);
	const boot = world.rig.boot({ cap: 10_000_000 });
	const outcome = boot.end(await boot.market.approve(id, boot.payers.x402));
	t.is(inWords(outcome), "delivered paid");
	t.is(paidRequests(world, path).length, 1);
	t.is(await moved(world), 1_500_000n);
});

test("an approval whose answer was lost is found approved", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const id = await fulfilled(world, provider, false);
	world.market.faults.add(`/api/v1/requests/${id}/approve`, { name: "wire", at: "answer", does: "reset" });
	const boot = world.rig.boot({ cap: 10_000_000 });
	const outcome = boot.end(await boot.market.approve(id, boot.payers.x402));
	t.is(inWords(outcome), "delivered paid");
	t.is(await moved(world), 1_500_000n);
});

test("cancelling: refunded, not within 7 days of delivery, and found again when the answer was lost", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const boot = world.rig.boot({ cap: 10_000_000 });
	const { market } = boot;
	const made = boot.end(await market.createRequestWithEscrow(WORK, boot.payers.x402));
	const cancelled = await market.cancel(made.requestId, "No cars");
	t.is(cancelled.receiptId, world.market.receipts.all.at(-1)!.id);
	t.regex(cancelled.transaction, /^0x[0-9a-f]{64}$/);
	t.is(await chain.balanceOf(world.rig.address), 100_000_000n);

	const free = await market.createRequest(WORK);
	t.deepEqual(await market.cancel(free), { receiptId: "", transaction: "" });

	const done = await fulfilled(world, provider, false);
	t.is((await world.rig.error(market.cancel(done))).name, "NotAllowed");
	world.market.clock.advance(7 * 86_400 + 1);
	world.market.script.next(`/api/v1/requests/${done}/cancel`, { name: "wire", at: "answer", does: "reset" });
	t.deepEqual(await market.cancel(done), { receiptId: "", transaction: "" });

	const other = await market.createRequest(WORK);
	const job = world.market.requestsOfBuyers.at(-1)!;
	job.settling = true;
	world.rig.onWait = () => Object.assign(job, { settling: false, status: "cancelled" });
	t.deepEqual(await market.cancel(other), { receiptId: "", transaction: "" });
});

test("accepting and fulfilling are looked up when their answers are lost", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const { market } = world.rig.boot();
	const seller = provider.rig.boot().market;
	const id = await market.createRequest(WORK);
	const bidId = await seller.bid(id, { priceCents: 150 });
	world.market.script.next(`/api/v1/requests/${id}/accept`, { name: "wire", at: "answer", does: "reset" });
	await market.accept(id, bidId);
	world.market.script.next(`/api/v1/requests/${id}/fulfill`, { name: "wire", at: "answer", does: "close" });
	await seller.fulfill(id, "42 cars");
	t.is((await market.request(id)).request.status, "fulfilled");

	const second = await market.createRequest(WORK);
	const secondBid = await seller.bid(second, { priceCents: 150 });
	world.market.script.next(`/api/v1/requests/${second}/accept`, { name: "wire", at: "request", does: "reset" });
	t.is((await world.rig.error(market.accept(second, secondBid))).name, "NoResponse");
	t.is((await world.rig.error(market.accept(second, "none"))).name, "NotFound");
	t.is((await world.rig.error(seller.accept(second, secondBid))).name, "NotAllowed");
	t.is((await world.rig.error(market.bid(second, { priceCents: 1 }))).name, "NotAllowed");
});

// — Interrupted —

interface Scenario {
	/** Before the device is switched on; what `act` needs to know of it. */
	readonly prepare?: (world: World) => Promise<string>;
	readonly act: (boot: Boot<PayanAgent>, prepared: string) => Promise<unknown>;
	readonly price: bigint;
	readonly cap: number;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
	"a native offer": {
		act: (boot) => boot.buy("temperature", '{"place":"roof"}'),
		price: 10_000n,
		cap: 100_000,
	},
	"a relayed offer": { act: (boot) => boot.buy("relayed"), price: 10_000n, cap: 100_000 },
	"a download offer": {
		act: async (boot) => boot.end(await boot.market.buyOffer("dataset", "", boot.payers.x402, deliverNothing)),
		price: 250_000n,
		cap: 300_000,
	},
	"a request with escrow": {
		act: async (boot) => boot.end(await boot.market.createRequestWithEscrow(WORK, boot.payers.x402)),
		price: 2_000_000n,
		cap: 10_000_000,
	},
	"an approval that pays the provider": {
		prepare: async (world) => fulfilled(world, await newProvider(world), false),
		act: async (boot, request) => boot.end(await boot.market.approve(request, boot.payers.x402)),
		price: 1_500_000n,
		cap: 10_000_000,
	},
};

for (const [what, { prepare, act, price, cap }] of Object.entries(SCENARIOS)) {
	test(`${what}, interrupted at every operation, is paid once`, async (t) => {
		const market = await startPayanAgent(chain);
		t.teardown(market.stop);
		market.limits.public = Number.POSITIVE_INFINITY;
		const live = async (cut?: { at: number; side: "before" | "after" }) => {
			const world = await newDevice(market);
			const prepared = (await prepare?.(world)) ?? "";
			const life = await world.rig.live((boot) => act(boot, prepared), cut, { cap, period: 101 });
			return { ...life, ...world };
		};
		const whole = await live();
		t.is(await moved(whole), price);
		const cuts = Array.from({ length: whole.operations }, (_, i) => [
			{ at: i + 1, side: "before" as const },
			{ at: i + 1, side: "after" as const },
		]).flat();
		const worker = async () => {
			for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift()) {
				const life = await live(cut);
				const where = `${cut.side} operation ${cut.at}`;
				const transfers = await chain.transfers(life.rig.address);
				t.true(life.wasCut, where);
				t.true(transfers.length <= 1, `${where}: ${transfers.length} payments`);
				t.true(life.rig.hasEnded(), `${where}: the purchase has ended`);
				t.true(life.rig.spent() >= (await moved(life)), `${where}: the ledger counts what moved`);
				life.rig.isSilent(t, market.secrets());
			}
		};
		await Promise.all([worker(), worker(), worker()]);
	});
}
