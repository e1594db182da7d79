/** The local PayanAgent limits requests, and fails as a test tells it to. */
import test from "ava";
import { newSender } from "../../../../tools/world/chain.js";
import { newPayer } from "../../../../tools/world/markets/payanagent/shop/payer.js";
import { send } from "../send.js";
import { base, buy, chain, open, said, wanted } from "./by_hand.js";

test("the 31st public request in a minute and the 6th registration in an hour get 429, with Retry-After", async (t) => {
	const market = await open(t, true);
	const get = () => send(market, "GET", "/api/v1/receipts");
	for (let count = 0; count < 30; count++) t.is((await get()).status, 200);
	const refused = await get();
	t.is(said(refused), "429 Too many requests. Please try again later.");
	const wait = Number(refused.headers.get("retry-after"));
	t.true(wait > 0 && wait <= 60);
	const bought = await send(market, "GET", "/x402/sub-cent");
	t.is(said(bought), "429 Too many requests");
	t.is(bought.headers.get("retry-after"), null, "a buyer is not told when");
	t.is((await send(market, "GET", "/x402/relayed")).status, 429);
	const { apiKey } = market.newAgent(newSender());
	t.is((await send(market, "POST", base, wanted, { Authorization: `Bearer ${apiKey}` })).status, 201);
	market.clock.advance(wait);
	t.is((await get()).status, 200);
	market.limits.public = 0;
	market.limits.retryAfter = false;
	t.is((await get()).headers.get("retry-after"), null);

	market.limits.public = Number.POSITIVE_INFINITY;
	const register = () =>
		send(market, "POST", "/api/v1/agents", { name: "x", description: "x", walletAddress: newSender() });
	for (let count = 0; count < 5; count++) t.is((await register()).status, 201);
	t.is((await register()).status, 429);
	market.clock.advance(3_600);
	t.is((await register()).status, 201);
});

test("a wallet over its limit of paid requests gets 429, and its payment is not settled", async (t) => {
	const market = await open(t);
	market.limits.paid = 1;
	const payer = await newPayer(chain);
	t.is((await buy(market, payer, "GET", "/x402/sub-cent")).status, 200);
	t.is((await buy(market, payer, "GET", "/x402/relayed")).status, 200, "relayed payments are not counted");
	t.is((await buy(market, payer, "GET", "/x402/sub-cent")).status, 429);
	t.is((await chain.transfers(payer.account.address)).length, 2);
	t.is((await buy(market, await newPayer(chain), "GET", "/x402/sub-cent")).status, 200);
	market.clock.advance(60);
	t.is((await buy(market, payer, "GET", "/x402/sub-cent")).status, 200);
});

test("a scripted answer can be any error, late, twice, cut, or none", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const path = "/x402/sub-cent";
	const pay = async () => buy(market, payer, "GET", path);
	const paid = { when: ({ headers }: { headers: object }) => "payment-signature" in headers };
	market.script.next(
		path,
		{ name: "answer", status: 503, headers: { "Retry-After": "2" }, body: { error: "Busy" } },
		paid,
	);
	t.is((await pay()).headers.get("retry-after"), "2");
	t.is(market.upstream.requests.length, 0);
	market.script.next(path, { name: "answer", status: 502, body: { error: "Bad gateway" }, at: "answer" }, paid);
	t.is(said(await pay()), "502 Bad gateway");
	t.is(market.upstream.requests.length, 1);
	for (const at of ["answer", "headers", "body"] as const) {
		market.script.next(path, { name: "wire", at, does: "reset" }, paid);
		await t.throwsAsync(pay());
	}
	market.script.next(path, { name: "twice" }, paid);
	t.is((await pay()).status, 200);
	market.script.next(path, { name: "wire", at: "answer", does: { milliseconds: 20 } }, paid);
	t.is((await pay()).status, 200);
	t.is((await chain.transfers(payer.account.address)).length, 6);
	t.deepEqual(market.script.left(), []);
});
