/** The local Pactum's orders: statuses, retries, disputes, messages and files; each fault can be put into an answer. */
import test from "ava";
import { catalogue, fileContents } from "../../../../tools/world/markets/pactum/catalogue.js";
import { type Body, buyByEscrow, chain, inWords, newBuyer, newMarket } from "./by_hand.js";

test("orders: one's own, newest first, through their statuses; released a day after delivery", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	const id = await buyByEscrow(buyer, "item-report");
	const status = async () => (await buyer.gateway("GET", `/orders/${id}`)).body.status;
	t.is(await status(), "paid");
	t.is(inWords(await buyer.gateway("POST", `/orders/${id}/confirm`)), "400 INVALID_REQUEST", "not delivered yet");
	await market.process(id);
	t.is(await status(), "processing");
	await market.deliver(id);
	t.is(await status(), "delivered");
	market.clock.advance(86_400 - 60);
	t.is(await status(), "delivered");
	market.clock.advance(61);
	t.deepEqual(await Promise.all([status(), status()]), ["completed", "completed"]);
	t.like(await market.escrow.order(id), { status: "released" });
	const { body } = await buyer.gateway("POST", "/buy/item-free", {});
	const { orders } = (await buyer.gateway("GET", "/orders")).body;
	t.deepEqual(
		orders.map((order: Body) => order.order_id),
		[body.order_id, id],
	);
	t.like(orders[1], { item_id: "item-report", amount: 0.25, payment_method: "escrow", buyer_query: null });
	const stranger = await newBuyer(market);
	t.is((await stranger.gateway("GET", "/orders")).body.count, 0);
	for (const [method, path] of [
		["GET", ""],
		["POST", "/confirm"],
		["POST", "/retry"],
		["POST", "/dispute"],
		["GET", "/messages"],
		["POST", "/messages"],
		["GET", "/file"],
	] as const)
		t.is(inWords(await stranger.gateway(method, `/orders/${id}${path}`)), "403 FORBIDDEN", path);
});

test("retry: three times, no new payment", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n, credit: 1_000_000n });
	const flaky = await buyByEscrow(buyer, "item-flaky");
	const retry = (id: string) => buyer.gateway("POST", `/orders/${id}/retry`);
	t.like((await buyer.gateway("GET", `/orders/${flaky}`)).body, { status: "failed", retries_left: 3 });
	t.deepEqual((await retry(flaky)).body, { status: "failed", retries_left: 2 });
	t.deepEqual((await retry(flaky)).body, { status: "completed", result: catalogue[0]!.result });
	t.like(await market.escrow.order(flaky), { status: "released" });
	t.is(inWords(await retry(flaky)), "400 INVALID_REQUEST", "it has not failed");

	const bought = await buyer.gateway("POST", "/buy/item-broken", { payment_method: "credit" });
	const { order_id } = bought.body;
	t.is(inWords(bought), "200 failed");
	for (const retries_left of [2, 1, 0]) t.deepEqual((await retry(order_id)).body, { status: "failed", retries_left });
	t.is(inWords(await retry(order_id)), "400 INVALID_REQUEST");
	t.is((await buyer.gateway("GET", "/credit/balance")).body.frozen, "0.03");
	t.is(inWords(await buyer.gateway("POST", `/orders/${order_id}/dispute`, { reason: "broken" })), "200 disputed");
	await market.resolve(order_id, "buyer");
	t.is((await buyer.gateway("GET", `/orders/${order_id}`)).body.status, "refunded");
	t.is((await buyer.gateway("GET", "/credit/balance")).body.available, "1.00");
});

test("dispute freezes the escrow until the market decides", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 500_000n });
	const disputed = async (): Promise<string> => {
		const id = await buyByEscrow(buyer, "item-report");
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/dispute`, {})), "422 body.reason");
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/dispute`, { reason: "wrong data" })), "200 disputed");
		t.like(await market.escrow.order(id), { status: "disputed" });
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/confirm`)), "400 INVALID_REQUEST");
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/dispute`, { reason: "again" })), "400 INVALID_REQUEST");
		return id;
	};
	const refunded = await disputed();
	await market.resolve(refunded, "buyer");
	t.like(await market.escrow.order(refunded), { status: "refunded" });
	t.is(await chain.balanceOf(buyer.account.wallet), 500_000n);
	const released = await disputed();
	await market.resolve(released, "seller");
	t.is((await buyer.gateway("GET", `/orders/${released}`)).body.status, "completed");
	t.is(await chain.balanceOf(buyer.account.wallet), 250_000n);
	const free = (await buyer.gateway("POST", "/buy/item-free", {})).body.order_id;
	t.is(inWords(await buyer.gateway("POST", `/orders/${free}/dispute`, { reason: "x" })), "400 INVALID_REQUEST");
});

test("messages, both ways", async (t) => {
	const market = await newMarket(t);
	const { gateway, account } = await newBuyer(market);
	const { order_id } = (await gateway("POST", "/buy/item-free", {})).body;
	const path = `/orders/${order_id}/messages`;
	const seller = catalogue[0]!.seller;
	t.deepEqual((await gateway("GET", path)).body, { messages: [], count: 0 });
	t.deepEqual((await gateway("POST", path, { content: "Can you also include ETH data?" })).body, {
		message_id: `${order_id}-1`,
		to_wallet: seller,
	});
	await market.say(order_id, "Yes.");
	const { messages } = (await gateway("GET", path)).body;
	t.like(messages[0], { content: "Can you also include ETH data?", direction: "buyer_to_seller" });
	t.like(messages[1], {
		content: "Yes.",
		direction: "seller_to_buyer",
		from_wallet: seller,
		to_wallet: account.wallet,
	});
	t.is(inWords(await gateway("POST", path, { content: "" })), "400 MISSING_FIELDS");
	t.is(inWords(await gateway("POST", path, { text: "x" })), "400 MISSING_FIELDS");
});

test("file: a redirect to another origin, good for an hour, that must not see a token", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { credit: 1_000_000n });
	const { order_id } = (await buyer.gateway("POST", "/buy/item-file", { payment_method: "credit" })).body;
	const file = await buyer.gateway("GET", `/orders/${order_id}/file`);
	t.is(file.status, 302);
	const location = file.headers.get("location")!;
	t.is(new URL(location).origin, market.files.url);
	t.not(new URL(location).origin, market.gateway.url);
	t.deepEqual(Buffer.from(await (await fetch(location)).arrayBuffer()), fileContents);
	t.is((await fetch(location.replace("output", "input"))).status, 403);
	t.is((await fetch(location.replace(/signature=./, "signature=x"))).status, 403);
	t.deepEqual(market.leaks, []);
	for (const headers of [{ authorization: `Bearer ${buyer.token}` }, { "x-note": buyer.account.apiKey }])
		t.is((await fetch(location, { headers: headers as Record<string, string> })).status, 400);
	t.deepEqual(
		market.leaks.map((leak) => leak.split(": ")[1]),
		["authorization, a secret", "a secret"],
	);
	market.clock.advance(3600);
	t.is((await fetch(location)).status, 403);
	t.is((await fetch((await buyer.gateway("GET", `/orders/${order_id}/file`)).headers.get("location")!)).status, 200);
	const free = (await buyer.gateway("POST", "/buy/item-free", {})).body.order_id;
	t.is(inWords(await buyer.gateway("GET", `/orders/${free}/file`)), "404 NO_FILE");
});

test("told to answer wrongly: instead of the work, after it, slowly, twice, cut, not at all", async (t) => {
	const market = await newMarket(t);
	const { gateway, token } = await newBuyer(market);
	const path = "/market/buy/item-free";
	const buy = () => gateway("POST", "/buy/item-free", {});
	const count = async () => (await gateway("GET", "/orders")).body.count;
	const { script } = market.gateway;

	script.next(path, { name: "answer", status: 429, headers: { "retry-after": "2" }, body: { error: "RATE_LIMIT" } });
	const limited = await buy();
	t.is(inWords(limited), "429 RATE_LIMIT");
	t.is(limited.headers.get("retry-after"), "2");
	t.is(await count(), 0);
	script.next(path, { name: "answer", status: 502, body: "bad gateway", at: "answer" });
	t.like(await buy(), { status: 502, body: "bad gateway" });
	t.is(await count(), 1, "the order was placed");
	script.next(path, { name: "answer", status: 400, body: { error: "QUOTA_EXCEEDED" } }, { times: 2 });
	t.is(inWords(await buy()), "400 QUOTA_EXCEEDED");
	t.deepEqual(script.left(), [path]);
	t.is(inWords(await buy()), "400 QUOTA_EXCEEDED");
	t.deepEqual(script.left(), []);

	script.next(path, { name: "wire", at: "answer", does: "reset" });
	await t.throwsAsync(buy());
	t.is(await count(), 2);
	script.next(path, { name: "wire", at: "request", does: "reset" });
	await t.throwsAsync(buy());
	t.is(await count(), 2);
	script.next(path, { name: "wire", at: "body", does: "close" });
	await t.throwsAsync(buy());
	script.next(path, { name: "wire", at: "answer", does: { milliseconds: 5 } });
	t.is(inWords(await buy()), "200 completed");
	script.next(path, { name: "wire", at: "request", does: "silence" });
	const signal = AbortSignal.timeout(100);
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	await t.throwsAsync(fetch(market.gateway.url + path, { method: "POST", headers, body: "{}", signal }), { any: true });
	const proof = { when: (request: { headers: object }) => "x-payment-proof" in request.headers };
	script.next(path, { name: "answer", status: 418 }, proof);
	t.is(inWords(await buy()), "200 completed");
	t.deepEqual(script.left(), [path]);
	t.true(market.gateway.requests.every(({ connection }) => connection > 0));
	t.like(market.gateway.requests.at(-1), { method: "POST", path, status: 200, body: Buffer.from("{}") });
});

test("an answer sent twice is two answers on the wire", async (t) => {
	const market = await newMarket(t);
	const { connect } = await import("node:net");
	market.gateway.script.next("/market/agents", { name: "twice" });
	const socket = connect(Number(new URL(market.gateway.url).port), "127.0.0.1");
	socket.end("GET /market/agents HTTP/1.1\r\nHost: x\r\n\r\n");
	const chunks: Buffer[] = [];
	for await (const chunk of socket) chunks.push(chunk as Buffer);
	const text = Buffer.concat(chunks).toString();
	t.is(text.length % 2, 0);
	t.is(text.slice(0, text.length / 2), text.slice(text.length / 2));
	t.is(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
});
