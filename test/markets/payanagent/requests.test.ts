/** PayanAgent's client: agents and offers of one's own, and requests with and without escrow. */
import test from "ava";
import type { NewOffer } from "../../../src/markets/payanagent/operations/options.js";
import { collect } from "../market_device.js";
import { chain, fulfilled, inWords, moved, newDevice, newProvider, open, paidRequests, WORK } from "./kit.js";

test("an agent registers, is found, and changes itself, and its key is in no output", async (t) => {
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

test("a registration whose answer is lost is not repeated, and its limit of an hour is not waited out", async (t) => {
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

test("an agent's own offer is created, changed and withdrawn", async (t) => {
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
	await market.updateOffer(id, { inputSchema: { type: "object", required: ["roof"] } });
	t.deepEqual(JSON.parse((await market.offer(id)).inputSchema), { type: "object", required: ["roof"] });
	t.is((await world.rig.error(market.updateOffer("temperature", { priceCents: 1 }))).name, "NotAllowed");
	await market.deleteOffer(id);
	t.is((await world.rig.error(world.rig.boot().buy(id, '{"roof":1}'))).name, "NotFound");
	const { name, message } = await world.rig.error(market.createOffer({ ...fields, priceCents: -1 }));
	t.is(name, "BadRequest");
	t.regex(message, /Validation failed; priceCents/);
});

test("without an API key no request leaves that needs one", async (t) => {
	const world = await open(t, { apiKey: "" });
	const { market } = world.rig.boot();
	t.is((await world.rig.error(market.deleteOffer("temperature"))).name, "KeyUnset");
	t.is(world.market.requests.length, 0);
	const other = await newDevice(world.market, { apiKey: "pa_wrong" });
	t.is((await other.rig.error(other.rig.boot().market.deleteOffer("temperature"))).name, "KeyRefused");
	other.rig.isSilent(t, ["pa_wrong"]);
});

test("a request without escrow is bid for, accepted, fulfilled, and paid directly on approval", async (t) => {
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

test("a request with escrow is paid when it is made and released on approval", async (t) => {
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

test("a provider is hired directly, with the agreed price in escrow", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const boot = world.rig.boot({ cap: 10_000_000 });
	const fields = { ...WORK, providerId: provider.agentId, agreedPriceCents: 120 };
	const made = boot.end(await boot.market.createRequestWithEscrow(fields, boot.payers.x402));
	t.is(inWords(made), "delivered paid");
	t.is(await moved(world), 1_200_000n);
	t.like((await boot.market.request(made.requestId)).request, { providerId: provider.agentId, isEscrow: true });
});

test("a paid request whose answer was lost is found again", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot({ cap: 10_000_000 });
	world.market.faults.add("/api/v1/requests", { name: "wire", at: "answer", does: "reset" });
	const made = boot.end(await boot.market.createRequestWithEscrow(WORK, boot.payers.x402));
	t.is(inWords(made), "delivered paid");
	t.is(made.requestId, world.market.requestsOfBuyers[0]!.id);
	t.is(world.market.requestsOfBuyers.length, 1);
	t.is(await moved(world), 2_000_000n);
});

test("a paid request that is not found stays unknown, and is not paid again", async (t) => {
	const world = await open(t, { agentId: "" });
	const boot = world.rig.boot({ cap: 10_000_000 });
	world.market.faults.add("/api/v1/requests", { name: "wire", at: "answer", does: "reset" });
	const made = boot.end(await boot.market.createRequestWithEscrow(WORK, boot.payers.x402));
	t.is(made.state, "unknown");
	t.is(made.requestId, "");
	t.is(await moved(world), 2_000_000n);
	t.is(world.rig.spent(), 2_000_000n);
});

test("an approval that is already being settled is polled, and pays nothing", async (t) => {
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
	t.is(world.market.seen(`/api/v1/requests/${id}/approve`).length, 0, "terms are not even asked for");
});

test("an approval that never settles ends as pending, and pays nothing", async (t) => {
	const world = await open(t, { settlementPolls: 3 });
	const provider = await newProvider(world);
	const id = await fulfilled(world, provider, false);
	world.market.requestsOfBuyers[0]!.settling = true;
	const boot = world.rig.boot({ cap: 10_000_000 });
	t.is((await world.rig.error(boot.market.approve(id, boot.payers.x402))).name, "Settling");
	t.deepEqual(boot.waits, [1_000, 2_000]);
	t.is(await moved(world), 0n);
});

test("an approval that the market has, and whose device lost its answer, is found when the same payment is refused", async (t) => {
	const world = await open(t);
	const provider = await newProvider(world);
	const id = await fulfilled(world, provider, false);
	const path = `/api/v1/requests/${id}/approve`;
	world.market.script.next(
		path,
		{ name: "answer", status: 400, body: { error: "Cannot approve a request in status: approved" }, at: "answer" },
		{ when: ({ headers }) => "payment-signature" in headers },
	);
	const boot = world.rig.boot({ cap: 10_000_000 });
	t.is(inWords(boot.end(await boot.market.approve(id, boot.payers.x402))), "delivered paid");
	t.is(await moved(world), 1_500_000n);
	const second = world.rig.boot({ period: 2, cap: 10_000_000 });
	t.is(inWords(second.end(await second.market.approve(id, second.payers.x402))), "delivered free");
	t.is(await moved(world), 1_500_000n);
});

test("a provider that does not exist is found out before anything is paid into escrow", async (t) => {
	const world = await open(t);
	const boot = world.rig.boot({ cap: 10_000_000 });
	const fields = { ...WORK, providerId: "nobody", agreedPriceCents: 120 };
	const error = await world.rig.error(boot.market.createRequestWithEscrow(fields, boot.payers.x402));
	t.is(error.name, "NotFound");
	t.is(await moved(world), 0n);
});

test("after a 409 to the payment the request is looked up, and the payment is not sent again", async (t) => {
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

test("a cancelled request is refunded, except within 7 days of delivery, and is found again when the answer was lost", async (t) => {
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

test("accept and fulfil are looked up when their answers are lost", async (t) => {
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
	t.is((await world.rig.error(market.accept(second, "none"))).name, "BadRequest");
	t.is((await world.rig.error(seller.accept(second, secondBid))).name, "NotAllowed");
	t.is((await world.rig.error(market.bid(second, { priceCents: 1 }))).name, "BadRequest");
});
