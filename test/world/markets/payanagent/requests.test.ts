/** The local PayanAgent lets buyers ask for work, with and without escrow. */
import test from "ava";
import { send } from "../send.js";
import { base, buy, chain, open, people, said, termsOf, wanted } from "./by_hand.js";

test("a request without escrow is bid for, accepted, fulfilled, and paid to the provider on approval", async (t) => {
	const market = await open(t);
	const { payer, wallet, buyer, provider, other } = await people(market);
	const post = (path: string, body: object, who: Record<string, string> = {}) =>
		send(market, "POST", base + path, body, who);
	t.is((await post("", wanted)).status, 401);
	t.is(said(await post("", { title: "x" }, buyer)), "400 Validation failed");
	const hired = await post("", { ...wanted, providerId: "agent-1" }, buyer);
	t.deepEqual(hired.body.details, ["agreedPriceCents: direct hire requires agreedPriceCents"]);
	const made = await post("", { ...wanted, inputPayload: "north side" }, buyer);
	t.is(made.status, 201);
	const path = `/${made.body.requestId}`;
	t.like((await send(market, "GET", `${base}?status=open&q=survey&limit=5`)).body, {
		requests: [{ title: "Survey", status: "open" }],
	});

	const bid = { priceCents: 1_500, estimatedDurationSeconds: 1_800, message: "soon" };
	t.is((await post(`${path}/bid`, bid)).status, 401);
	t.is(said(await post(`${path}/bid`, bid, buyer)), "400 Cannot bid on your own request");
	const { bidId } = (await post(`${path}/bid`, bid, provider)).body;
	t.is((await post(`${path}/accept`, { bidId }, other)).status, 403);
	t.is((await post(`${path}/accept`, { bidId: "no" }, buyer)).status, 400);
	t.deepEqual((await post(`${path}/accept`, { bidId }, buyer)).body, { ok: true });
	t.is(said(await post(`${path}/accept`, { bidId }, buyer)), "400 Cannot accept bid on a request in status: accepted");
	t.is(said(await post(`${path}/approve`, {}, buyer)), "400 Cannot approve a request in status: accepted");
	t.is((await post(`${path}/fulfill`, { outputPayload: "done" }, other)).status, 400);
	t.is((await post(`${path}/fulfill`, {}, provider)).status, 400);
	t.is((await post(`${path}/fulfill`, { outputPayload: "done" }, provider)).status, 200);
	const one = (who = {}) => send(market, "GET", base + path, undefined, who);
	const payloads = async (who = {}) => {
		const { inputPayload, outputPayload } = (await one(who)).body.request as Readonly<Record<string, unknown>>;
		return [inputPayload, outputPayload];
	};
	t.like((await one()).body, { request: { status: "fulfilled" }, bids: [{ status: "accepted" }] });
	t.deepEqual(await payloads(), [undefined, undefined]);
	t.deepEqual(await payloads(provider), ["north side", "done"]);
	t.deepEqual(await payloads(buyer), ["north side", undefined], "the work is the buyer's once it is paid for");

	const asked = await post(`${path}/approve`, {}, buyer);
	t.is(asked.status, 402);
	t.like(termsOf(asked).accepts[0], { amount: "15000000", payTo: wallet });
	const payment = { ...buyer, "PAYMENT-SIGNATURE": await payer.pay(termsOf(asked)) };
	market.faults.add(`${base}${path}/approve`, { name: "handler-waits", milliseconds: 200 });
	const first = post(`${path}/approve`, {}, payment);
	await new Promise((resolve) => setTimeout(resolve, 100));
	t.is(said(await post(`${path}/approve`, {}, payment)), "409 Request is already being settled");
	t.like((await one()).body, { request: { status: "completing" } });
	const approved = await first;
	t.is(approved.status, 200);
	t.is(await chain.balanceOf(wallet), 15_000_000n);
	t.deepEqual(await payloads(buyer), ["north side", "done"]);
	t.like((await send(market, "GET", `/api/v1/receipts/${approved.body.receiptId}`)).body.receipt, {
		settlementType: "direct",
		requestId: made.body.requestId,
		txHash: approved.body.txHash,
	});
	t.is(said(await post(`${path}/approve`, {}, payment)), "400 Cannot approve a request in status: approved");
	t.is((await send(market, "GET", `${base}/no`)).status, 404);
	t.deepEqual((await send(market, "GET", base)).body.requests, []);
});

test("escrow holds a request's budget; on approval the provider gets the price and the buyer the rest", async (t) => {
	const market = await open(t);
	const { payer, wallet, buyer, provider } = await people(market);
	const asked = await send(market, "POST", base, { ...wanted, escrow: true }, buyer);
	t.is(asked.status, 402);
	t.like(termsOf(asked).accepts[0], { amount: "20000000", payTo: market.escrow });
	const payment = { ...buyer, "PAYMENT-SIGNATURE": await payer.pay(termsOf(asked)) };
	const made = await send(market, "POST", base, { ...wanted, escrow: true }, payment);
	t.is(await chain.balanceOf(market.escrow), 20_000_000n);
	// It is not idempotent: the same again is a payment that was used.
	t.is((await send(market, "POST", base, { ...wanted, escrow: true }, payment)).status, 402);
	t.is(market.requestsOfBuyers.length, 1);

	const post = (operation: string, body: object, who: Record<string, string>) =>
		send(market, "POST", `${base}/${made.body.requestId}/${operation}`, body, who);
	const { bidId } = (await post("bid", { priceCents: 1_500 }, provider)).body;
	await post("accept", { bidId }, buyer);
	await post("fulfill", { outputPayload: "done" }, provider);
	t.is((await post("cancel", { reason: "no" }, buyer)).status, 403);
	const approved = await post("approve", {}, buyer);
	t.is(approved.status, 200);
	t.is(await chain.balanceOf(wallet), 15_000_000n);
	t.is(await chain.balanceOf(payer.account.address), 85_000_000n);
	t.is(await chain.balanceOf(market.escrow), 0n);
	t.like(market.receipts.all[0], { settlementType: "escrow_release", txHash: approved.body.txHash });
	t.is(said(await post("cancel", {}, buyer)), "400 Cannot cancel a request in status: approved");
});

test("a direct hire in escrow can be cancelled and refunded, after delivery from the 7th day on", async (t) => {
	const market = await open(t);
	const { payer, buyer, provider, providerId, other } = await people(market);
	const hire = { ...wanted, escrow: true, providerId, agreedPriceCents: 700 };
	const made = await buy(market, payer, "POST", base, hire, buyer);
	t.like(made.body, { status: "accepted", escrow: true, escrowAmountCents: 700 });
	t.is(await chain.balanceOf(market.escrow), 7_000_000n);
	const post = (operation: string, body: object, who: Record<string, string>) =>
		send(market, "POST", `${base}/${made.body.requestId}/${operation}`, body, who);
	t.is(said(await post("bid", { priceCents: 1 }, other)), "400 Request is not open for bids");
	await post("fulfill", { outputPayload: "done" }, provider);
	t.is((await post("cancel", {}, buyer)).status, 403);
	market.clock.advance(7 * 86_400);
	t.is((await post("cancel", {}, other)).status, 403);
	market.faults.add(
		`${base}/${made.body.requestId}/cancel`,
		{ name: "handler-waits", milliseconds: 200 },
		{ on: "any" },
	);
	const first = post("cancel", { reason: "wrong harbour" }, buyer);
	await new Promise((resolve) => setTimeout(resolve, 100));
	t.is(said(await post("approve", {}, buyer)), "409 Request is already being settled");
	t.is(said(await post("cancel", {}, buyer)), "400 Cannot cancel a request in status: completing");
	const cancelled = await first;
	t.like(cancelled.body, { ok: true, refunded: true });
	const shown = await send(market, "GET", `${base}/${made.body.requestId}`);
	t.like(shown.body.request, { status: "cancelled", cancelReason: "wrong harbour" });
	t.is(await chain.balanceOf(payer.account.address), 100_000_000n);
	t.like(market.receipts.all[0], { settlementType: "escrow_refund", txHash: cancelled.body.txHash });

	const open_ = await send(market, "POST", base, wanted, buyer);
	const free = await send(market, "POST", `${base}/${open_.body.requestId}/cancel`, {}, buyer);
	t.is(free.status, 200);
	t.is(market.receipts.all.length, 1);
});
