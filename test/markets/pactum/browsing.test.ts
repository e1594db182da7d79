/** Pactum's client: an account, what is on offer, tokens, and what is waited for and asked again. */
import { catalogue } from "../../../tools/world/markets/pactum/catalogue.js";
import { collect, json, ofPath, op, pactumTest } from "./kit.js";

pactumTest(
	"an account is registered, verified and recovered with the code that a person reads",
	{},
	async ({ t, market, device, refusal }) => {
		const email = "device@example.com";
		device.boot({ apiKey: "" });
		await op.register(device.pactum.api, email);
		const wrong = market.mailedCode(email) === "111111" ? "222222" : "111111";
		t.is((await refusal(() => op.verify(device.pactum.api, email, wrong))).name, "CodeRefused");
		const { apiKey, wallet } = await op.verify(device.pactum.api, email, market.mailedCode(email)!);
		t.regex(apiKey, /^pk_live_/);
		t.regex(wallet, /^0x[0-9a-f]{40}$/);
		t.is((await refusal(() => op.balance(device.pactum.api))).name, "ApiKeyMissing");

		device.boot({ apiKey });
		t.deepEqual(await op.balance(device.pactum.api), { balance: "0.00", frozen: "0.00", available: "0.00" });
		await op.register(device.pactum.api, email);
		const recovered = await op.recover(device.pactum.api, email, market.mailedCode(email)!);
		t.is(recovered.wallet, wallet);
		t.not(recovered.apiKey, apiKey);
		device.boot({ apiKey });
		const dead = await refusal(() => op.balance(device.pactum.api));
		t.is(dead.name, "ApiKeyRefused");
		t.regex(dead.message, /401.*recover/);

		await op.register(device.pactum.api, email);
		market.clock.advance(5 * 60);
		const late = await refusal(() => op.recover(device.pactum.api, email, market.mailedCode(email)!));
		t.is(late.name, "CodeRefused");
		t.regex(late.message, /expired.*5 minutes/);
		t.is((await refusal(() => op.register(device.pactum.api, "nobody"))).name, "RequestRefused");
		market.wallet.script.next("/v1/register", { name: "answer", status: 503 });
		t.is((await refusal(() => op.register(device.pactum.api, email))).name, "AnswerUnexpected");
	},
);

pactumTest(
	"a refusal that repeats the code does not put it into the error",
	{},
	async ({ t, market, device, refusal }) => {
		const email = "device@example.com";
		await op.register(device.pactum.api, email);
		const code = market.mailedCode(email)!;
		const body = {
			error: "INVALID_REQUEST",
			message: `The code ${code} of ${device.options.apiKey} has\u001b[2J expired`,
		};
		market.wallet.script.next("/v1/verify", { name: "answer", status: 400, body });
		const error = await refusal(() => op.verify(device.pactum.api, email, code));
		t.regex(error.message, /The code … of … has \[2J expired/);
	},
);

pactumTest("discover sends each parameter, and lists page after page", {}, async ({ t, market, device }) => {
	const { pactum } = device;
	const search = { q: "sensor", tags: ["sensor"], type: "digital", max_price: 0.05, sort: "price_desc" } as const;
	const seller = catalogue[9]!.seller;
	const found = await collect(op.discover(pactum.api, { ...search, seller, limit: 7, offset: 3 }));
	t.deepEqual(
		found.map(({ id }) => id),
		Array.from({ length: 48 }, (_, i) => `item-sensor-${String(47 - i).padStart(3, "0")}`),
	);
	const pages = ofPath(market, "/market/discover").map(({ body }) => json(body));
	t.deepEqual(pages[1], { ...search, seller, limit: 7, offset: 10 });
	t.is(pages.length, 7, "48 items in pages of 7");
	t.true(market.gateway.requests.every(({ headers }) => headers.authorization === undefined));
	t.is((await collect(op.discover(pactum.api, {}))).length, catalogue.length);
	t.deepEqual(await collect(op.discover(pactum.api, { q: "nothing has this" })), []);
	const [item] = await collect(op.discover(pactum.api, { q: "whale trades" }));
	t.deepEqual(item, {
		id: "item-paid",
		name: "Whale trades",
		price: "0.01",
		needsQuery: true,
		needsShipping: false,
		queryFormat: "<symbol> <what> by exchange",
		exampleQueries: ["BTC open interest by exchange"],
		features: ["open interest", "whale trading"],
	});
});

pactumTest(
	"find and quote give the price as text, whichever way it comes",
	{},
	async ({ t, market, device, refusal }) => {
		const { pactum } = device;
		const before = market.gateway.requests.length;
		t.deepEqual(
			(await collect(op.discover(pactum.api, { q: "sensor" }), 2)).map(({ id }) => id),
			["item-sensor-000", "item-sensor-001"],
		);
		t.is(market.gateway.requests.length, before + 1, "one page is enough for two");
		t.like(await op.findItem(pactum.api, "item-postcard"), { id: "item-postcard", price: "1.5", needsShipping: true });
		t.like(await op.findItem(pactum.api, "item-sensor-129"), { price: "0.129" }, "on the second page");
		market.variant.price = "string";
		t.like(await op.findItem(pactum.api, "item-text"), { price: "0.001234" });
		t.like(await op.findItem(pactum.api, "item-free"), { price: "0.00" });
		t.is((await refusal(() => op.findItem(pactum.api, "item-none"))).name, "NotFound");
		for (const price of [1e-7, "1e3", "-1", null, "0x1", ""]) {
			const body = { items: [{ item_id: "item-odd", name: "Odd", price }] };
			market.gateway.script.next("/market/discover", { name: "answer", status: 200, body });
			t.is((await refusal(() => op.findItem(pactum.api, "item-odd"))).name, "PriceMalformed");
		}
		market.gateway.script.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "../x", price: 1 }] },
		});
		t.is((await refusal(() => op.findItem(pactum.api, "../x"))).name, "IdMalformed");
	},
);

pactumTest("agents are listed without all that they sell", {}, async ({ t, device }) => {
	t.deepEqual(await collect(op.agents(device.pactum.api)), [
		{ wallet: "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc", name: "Funding Rates Ltd", rating: 4.8 },
		{ wallet: "0x90f79bf6eb2c4f870365e785982e1f101e93b906", name: "Orbit Pictures", rating: 4.1 },
		{ wallet: "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65", name: "", rating: undefined },
	]);
});

pactumTest("a token is asked for once, and once more on a 401", {}, async ({ t, market, device, refusal }) => {
	const { pactum } = device;
	const tokens = () => ofPath(market, "/market/auth/wallet").length;
	await op.balance(pactum.api);
	await op.balance(pactum.api);
	t.is(tokens(), 1);
	market.expireTokens();
	await op.balance(pactum.api);
	t.is(tokens(), 2);
	market.clock.advance(8 * 86_400);
	await collect(op.orders(pactum.api));
	t.is(tokens(), 3);
	const refused = { name: "answer", status: 401, body: { error: "AUTH_FAILED" } } as const;
	market.gateway.script.next("/market/credit/balance", refused, { times: 2 });
	t.is((await refusal(() => op.balance(pactum.api))).name, "TokenRefused");
	t.is(tokens(), 4);
	await op.balance(pactum.api);
	t.is(tokens(), 4, "the last one was good after all");
	for (const token of ["two words", "", 5, null, "\u00e9"]) {
		market.expireTokens();
		market.gateway.script.next("/market/auth/wallet", { name: "answer", status: 200, body: { token } });
		t.is((await refusal(() => op.balance(pactum.api))).name, "AnswerMalformed", String(token));
	}
	device.boot({ apiKey: "pk_live_of_nobody" });
	t.is((await refusal(() => op.balance(device.pactum.api))).name, "ApiKeyRefused");
});

pactumTest(
	"429 is waited out, and 5xx and silence are retried where that costs nothing",
	{},
	async ({ t, market, device, refusal }) => {
		const { pactum, waits } = device;
		const { script } = market.gateway;
		const path = "/market/credit/balance";
		script.next(path, { name: "answer", status: 429, headers: { "retry-after": "7" } });
		script.next(path, { name: "answer", status: 502, body: "bad gateway" });
		script.next(path, { name: "wire", at: "body", does: "close" });
		await op.balance(pactum.api);
		t.deepEqual(waits.splice(0), [7_000, 1_000, 2_000]);
		script.next(path, { name: "answer", status: 503 }, { times: 4 });
		t.is((await refusal(() => op.balance(pactum.api))).name, "AnswerUnexpected");
		t.deepEqual(waits.splice(0), [500, 1_000, 2_000]);
		script.next(path, { name: "answer", status: 429, headers: { "retry-after": "3600" } });
		t.is((await refusal(() => op.balance(pactum.api))).name, "RateLimited");
		t.deepEqual(waits.splice(0), [], "an hour is not waited for");
		script.next(path, { name: "answer", status: 200, body: "<html>" });
		t.is((await refusal(() => op.balance(pactum.api))).name, "ListMissing");
		script.next("/market/credit/topup", { name: "answer", status: 500 });
		t.is((await refusal(() => op.topup(pactum.api, "5", "stripe"))).name, "AnswerUnexpected");
		script.next("/market/credit/topup", { name: "answer", status: 429 });
		t.regex(await op.topup(pactum.api, "5", "stripe"), /^http/);
	},
);
