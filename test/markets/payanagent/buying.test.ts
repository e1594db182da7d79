/** PayanAgent's client: native and relayed offers, files, refusals and rate limits; the chain is asked what moved. */
import test from "ava";
import type { HttpResponse } from "../../../src/http/response.js";
import type { Api } from "../../../src/markets/payanagent/api.js";
import { deliverFile } from "../../../src/markets/payanagent/file.js";
import { Payment } from "../../../src/markets/payanagent/payment.js";
import type { Deliver } from "../../../src/x402/client.js";
import { dataset } from "../../../tools/world/markets/payanagent/upstream.js";
import { deliverNothing, inWords, moved, newDevice, open, paidRequests } from "./kit.js";

const BOUGHT = [
	["a native offer", "temperature", '{"place":"roof"}', /"temperature":21.5/, 10_000n],
	["a native offer below a cent", "sub-cent", "", /"temperature":21.5/, 1_000n],
	["a native offer by POST", "scrape", '{"url":"https://example.com","depth":2}', /# Example/, 50_000n],
	["a relayed offer", "relayed", "", /./, 10_000n],
	["a relayed offer with terms in header and body", "relayed-in-both", "", /./, 10_000n],
	["a relayed offer with terms in the body", "relayed-in-body", "", /./, 10_000n],
	["a relayed offer with terms in X-PAYMENT-REQUIRED", "relayed-in-x-header", "", /./, 10_000n],
	["a relayed offer with terms in WWW-Authenticate", "relayed-in-challenge", "", /./, 10_000n],
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

test("an offer that its seller gives away is not relayed, since the market answers 402 for it", async (t) => {
	const world = await open(t);
	const { name, message } = await world.rig.error(world.rig.boot().buy("relayed-free"));
	t.is(name, "NotRelayed");
	t.regex(message, /at its own address/);
	t.is(await moved(world), 0n);
});

test("a download offer's file is fetched without our headers, and delivered", async (t) => {
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

test("a file that cannot be fetched is requested again, never paid for again", async (t) => {
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

test("an error of the sink ends the purchase under its own name", async (t) => {
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

test("a file's address without TLS is refused when the market has TLS", async (t) => {
	let asked = 0;
	const http = {
		request: async () => {
			asked++;
			throw new Error("expected no request");
		},
	};
	const api = { host: "https://payanagent.com", deps: { http } } as unknown as Api;
	const pieces = [new TextEncoder().encode('{"fileUrl":"http://192.168.0.1/reboot"}')];
	const response = { read: async () => pieces.pop(), close() {} } as unknown as HttpResponse;
	const file = deliverFile(api, new Payment(api), response, deliverNothing);
	await t.throwsAsync(file, { name: "FileUnavailable" });
	t.is(asked, 0);
});

test("a purchase is resumed when its offer can no longer be looked up", async (t) => {
	const world = await open(t);
	const input = '{"place":"roof"}';
	const { operations } = await (await newDevice(world.market)).rig.live(async (boot) => boot.buy("temperature", input));
	const first = world.rig.boot({ cut: { at: operations, side: "before" } });
	await first.run(async (boot) => boot.buy("temperature", input));
	t.is(world.rig.record()?.state, "authorized");
	world.market.script.next("/api/v1/offers/temperature", { name: "answer", status: 404, body: { error: "gone" } });
	const outcome = await world.rig.boot().buy("temperature", input);
	t.is(inWords(outcome), "unknown nonce_already_used");
	t.is(await moved(world), 10_000n);
	t.is(world.rig.spent(), 10_000n);
});

test("an input that only the seller refuses is paid for", async (t) => {
	const world = await open(t);
	const body = { offer: { _id: "scrape", title: "scrape", offerType: "api" } };
	world.market.script.next("/api/v1/offers/scrape", { name: "answer", status: 200, body });
	const outcome = await world.rig.boot().buy("scrape", '{"url":"https://example.com","depth":9}');
	t.is(inWords(outcome), "unknown charged_undelivered");
	t.regex(outcome.detail, /the seller failed \(400\), receipt/);
	t.is(await moved(world), 50_000n);
});

test("a native offer whose seller fails is unknown, keeps the receipt, and is not repeated", async (t) => {
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

test("a 402 after the payment never leads to a second signature", async (t) => {
	const world = await open(t);
	world.market.faults.add("/x402/temperature", { name: "verify-refuses", reason: "insufficient_funds" });
	const outcome = await world.rig.boot().buy("temperature", '{"place":"roof"}');
	t.is(inWords(outcome), "refused WalletEmpty");
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

test("an input that inputSchema refuses is neither sent nor paid for", async (t) => {
	const world = await open(t);
	const error = await world.rig.error(world.rig.boot().buy("scrape", '{"url":"https://example.com","depth":4}'));
	t.is(error.name, "InputInvalid");
	t.regex(error.message, /input\.depth: expected at most 3, got 4/);
	t.is((await world.rig.error(world.rig.boot().buy("temperature"))).name, "InputInvalid");
	t.is((await world.rig.error(world.rig.boot().buy("temperature", "{"))).name, "InputInvalid");
	t.is(world.market.seen("/x402/scrape").length, 0);
	t.is(world.rig.record(), undefined);
});

test("an input for an offer that is delivered by GET is refused before anything is paid", async (t) => {
	const world = await open(t);
	const error = await world.rig.error(world.rig.boot().buy("thermometer", '{"place":"roof"}'));
	t.is(error.name, "InputInvalid");
	t.regex(error.message, /delivered by GET/);
	t.is(world.market.seen("/x402/thermometer").length, 0);
	t.is(world.rig.record(), undefined);
	t.is(inWords(await world.rig.boot().buy("sub-cent")), "delivered paid");
});

/** Where an offer may say by which method its seller is asked. */
const METHODS = [
	["httpMethod POST", { httpMethod: "POST" }, "POST"],
	["httpMethod GET", { httpMethod: "GET" }, "GET"],
	["the bazaar's input, as text", { inputSchema: '{"type":"http","method":"POST","bodyType":"json"}' }, "POST"],
	["the bazaar's input, as an object", { inputSchema: { type: "http", method: "POST" } }, "POST"],
	["nothing", {}, "GET"],
	["a method that no seller has", { httpMethod: "BREW" }, "GET"],
] as const;

for (const [what, fields, method] of METHODS) {
	test(`a relayed offer without an input is requested by its own method: ${what}`, async (t) => {
		const world = await open(t);
		const body = { id: "relayed", title: "relayed", offerType: "api", ...fields };
		world.market.script.next("/api/v1/offers/relayed", { name: "answer", status: 200, body });
		await world.rig
			.boot()
			.buy("relayed")
			.catch(() => {});
		t.is(world.market.requests.find(({ path }) => path === "/x402/relayed")?.method, method);
	});
}

test("a seller that names no terms is reported as not relayed, and nothing is paid", async (t) => {
	const world = await open(t);
	const offer = world.market.offers.find("relayed");
	Object.assign(offer, { httpMethod: "POST", endpoint: `${new URL(offer.endpoint!).origin}/nothing` });
	const error = await world.rig.error(world.rig.boot().buy("relayed"));
	t.is(error.name, "NotRelayed");
	t.regex(error.message, /sent no terms for a POST: buy at its own address.*Cannot POST/);
	t.is(await moved(world), 0n);
});

for (const wrapped of [false, true]) {
	test(`an offer whose document is larger than a device can be bought, ${wrapped ? "wrapped" : "flat"}`, async (t) => {
		const world = await open(t);
		const offer = {
			id: "sub-cent",
			outputSchema: "x".repeat(100_000),
			offerType: "api",
			seller: { name: "y".repeat(9_000) },
		};
		const body = wrapped ? { more: "z".repeat(20_000), offer } : offer;
		world.market.script.next("/api/v1/offers/sub-cent", { name: "answer", status: 200, body });
		t.is(inWords(await world.rig.boot().buy("sub-cent")), "delivered paid");
	});
}

test("an input that only the market refuses costs nothing", async (t) => {
	const world = await open(t);
	world.market.script.next("/api/v1/offers/temperature", {
		name: "answer",
		status: 200,
		body: { id: "temperature", title: "temperature", offerType: "api", inputSchema: "a place" },
	});
	const outcome = await world.rig.boot().buy("temperature", '{"where":"roof"}');
	t.is(outcome.state, "refused");
	t.regex(outcome.detail, /Invalid input: missing required field: place/);
	t.is(await moved(world), 0n);
});

test("the legacy purchase buys native offers with the API key, and falls back to x402 for others", async (t) => {
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

test("a rate limit before the payment is waited out, unless it is too long or comes too often", async (t) => {
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

test("a purchase fits into 30 requests a minute after one wait", async (t) => {
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

test("an unknown offer and a malformed id are refused by name", async (t) => {
	const { rig } = await open(t);
	const { market } = rig.boot();
	t.is((await rig.error(rig.boot().buy("nothing"))).name, "NotFound");
	for (const id of ["", "..", "a/b", "a?b", ".", "x".repeat(129)]) {
		t.is((await rig.error(market.offer(id))).name, "IdMalformed", id);
	}
});
