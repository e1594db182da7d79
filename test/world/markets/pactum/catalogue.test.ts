/** The local Pactum lists items and agents, and sells for nothing and for credit. */
import test from "ava";
import { catalogue } from "../../../../tools/world/markets/pactum/catalogue.js";
import { dollars, micros } from "../../../../tools/world/markets/pactum/money.js";
import { type Body, call, inWords, newBuyer, newMarket } from "./by_hand.js";

test("discover: each parameter", async (t) => {
	const market = await newMarket(t);
	const discover = async (body: object): Promise<readonly Body[]> =>
		(await call("POST", `${market.gateway.url}/market/discover`, body)).body.items;
	const ids = async (body: object): Promise<string[]> => (await discover(body)).map(({ item_id }) => item_id);
	t.deepEqual(await ids({ q: "crypto funding rate" }), ["item-free"]);
	t.deepEqual(await ids({ q: "whale trading" }), ["item-paid", "item-free-query"], "features too, after names");
	t.deepEqual(await ids({ q: "open interest", sort: "relevance" }), ["item-free-query", "item-paid"]);
	t.deepEqual(await ids({ tags: ["paper", "gift"] }), ["item-postcard"]);
	t.deepEqual(await ids({ type: "physical" }), ["item-postcard"]);
	t.deepEqual(await ids({ max_price: 0 }), ["item-free", "item-free-query", "item-sensor-000"]);
	t.deepEqual(await ids({ seller: catalogue.at(8)!.seller.toUpperCase().replace("0X", "0x") }), ["item-postcard"]);
	t.deepEqual(await ids({ sort: "price_desc", limit: 2 }), ["item-postcard", "item-report"]);
	t.deepEqual((await ids({ sort: "price_asc", limit: 1, offset: 3 }))[0], "item-sensor-001");
	t.is((await ids({ sort: "rating" }))[0], "item-free");
	t.is((await ids({ sort: "newest", limit: 1 }))[0], "item-sensor-129");
	t.is((await ids({})).length, 20);
	const pages = await Promise.all([0, 100, 200].map((offset) => ids({ limit: 100, offset })));
	t.deepEqual(
		pages.flat(),
		catalogue.map(({ item_id }) => item_id),
	);

	const [item] = await discover({ q: "whale trades" });
	t.like(item, { price: 0.01, required: { description: true }, example_queries: ["BTC open interest by exchange"] });
	t.false("result" in item! || "fulfilment" in item!, "what is sold is not given away");
	market.variant.price = "string";
	t.is((await discover({ q: "whale trades" }))[0]?.price, "0.01");
	for (const wrong of [{ limit: 101 }, { limit: 0 }, { offset: -1 }, { sort: "best" }, { type: "both" }, { tags: "x" }])
		t.is((await call("POST", `${market.gateway.url}/market/discover`, wrong)).status, 422, JSON.stringify(wrong));
	for (const wrong of [{ max_price: "0" }, { max_price: -1 }, { seller: "0x1" }, { q: 1 }, { query: "x" }])
		t.is((await call("POST", `${market.gateway.url}/market/discover`, wrong)).status, 422, JSON.stringify(wrong));
});

test("agents, of whom one has neither name nor rating", async (t) => {
	const market = await newMarket(t);
	const { agents } = (await call("GET", `${market.gateway.url}/market/agents`)).body;
	t.is(agents.length, 3);
	t.like(agents[0], { name: "Funding Rates Ltd", avg_rating: 4.8 });
	t.deepEqual(Object.keys(agents[2]!), ["wallet", "items"]);
	t.is(agents.flatMap(({ items }) => items).length, catalogue.length);
});

test("free: done at once, with what the item requires", async (t) => {
	const market = await newMarket(t);
	const { gateway } = await newBuyer(market);
	const bought = await gateway("POST", "/buy/item-free", {});
	const order_id = "00000000-0000-4000-8000-000000000001";
	const result = catalogue[0]!.result;
	t.like(bought.body, { order_id, status: "completed", result, protocol_version: "3.0.0" });
	t.like((await gateway("GET", `/orders/${order_id}`)).body, { order_id, result, payment_method: "free", amount: 0 });
	t.is(inWords(await gateway("POST", "/buy/item-free-query", {})), "400 MISSING_FIELDS");
	t.is(inWords(await gateway("POST", "/buy/item-free-query", { query: " " })), "400 MISSING_FIELDS");
	t.is(inWords(await gateway("POST", "/buy/item-free-query", { query: "BTC" })), "200 completed");
	t.is(inWords(await gateway("POST", "/buy/no-such-item", {})), "404 NOT_FOUND");
	t.is(inWords(await gateway("POST", "/buy/item-free", { payment_method: "cash" })), "422 body.payment_method");
	t.is(inWords(await gateway("POST", "/buy/item-free", { quantity: 2 })), "422 body.quantity");
	t.is(inWords(await gateway("POST", "/buy/item-free", [])), "422 body");
	t.is(inWords(await gateway("POST", "/buy/item-free")), "422 body");
	t.is((await gateway("GET", "/orders")).body.count, 2, "a refusal leaves no order");
});

test("credit: topped up by a person, frozen with the order, spent with its confirmation", async (t) => {
	const market = await newMarket(t);
	const { gateway } = await newBuyer(market);
	const balance = async () => (await gateway("GET", "/credit/balance")).body;
	const buy = () => gateway("POST", "/buy/item-paid", { query: "BTC", payment_method: "credit" });
	t.is(inWords(await buy()), "400 INSUFFICIENT_CREDIT");
	const { checkout_url } = (await gateway("POST", "/credit/topup", { amount: 10, provider: "stripe" })).body;
	t.is((await balance()).balance, "0.00", "only once the person has paid");
	market.pay(checkout_url);
	market.pay(checkout_url);
	t.deepEqual(await balance(), { balance: "10.00", frozen: "0.00", available: "10.00" });
	const { order_id, status, result } = (await buy()).body;
	t.is(status, "delivered");
	t.truthy(result);
	t.deepEqual(await balance(), { balance: "10.00", frozen: "0.01", available: "9.99" });
	t.is(inWords(await gateway("POST", `/orders/${order_id}/confirm`)), "200 completed");
	t.deepEqual(await balance(), { balance: "9.99", frozen: "0.00", available: "9.99" });
	t.is(inWords(await gateway("POST", `/orders/${order_id}/confirm`)), "400 INVALID_REQUEST");
	for (const wrong of [0.99, 500.01, "10", null])
		t.is((await gateway("POST", "/credit/topup", { amount: wrong, provider: "stripe" })).status, 422, String(wrong));
	t.is((await gateway("POST", "/credit/topup", { amount: 10.001, provider: "stripe" })).status, 400);
	t.is((await gateway("POST", "/credit/topup", { amount: 10, provider: "cash" })).status, 422);
	t.is((await gateway("POST", "/credit/topup", { amount: 10 })).status, 422);
	for (const provider of ["alipay", "wechat"])
		t.is((await gateway("POST", "/credit/topup", { amount: 500, provider })).status, 200);
});

test("address: required before a physical item is bought", async (t) => {
	const market = await newMarket(t);
	const { gateway, account } = await newBuyer(market, { credit: 2_000_000n });
	const buy = () => gateway("POST", "/buy/item-postcard", { payment_method: "credit" });
	const address = { name: "John Doe", street: "123 Main St", city: "New York", state: "NY", postal_code: "10001" };
	t.is(inWords(await buy()), "400 SHIPPING_REQUIRED");
	const put = (body: unknown) => gateway("PUT", "/address", body);
	t.is(inWords(await put({ address })), "422 body.address.country");
	t.is(inWords(await put({ address: { ...address, country: 1 } })), "422 body.address.country");
	t.is(inWords(await put({ address: "x" })), "422 body.address");
	t.true(inWords(await put({ ...address, country: "US" })).startsWith("422 body.address, body.name"));
	t.is(inWords(await put({ address: { ...address, country: "US", postal_code: "1" } })), "400 INVALID_ADDRESS");
	t.is(inWords(await put({ address: { ...address, country: "US", city: " " } })), "400 INVALID_ADDRESS");
	const whole = { address: { ...address, country: "US" } };
	account.isRegistered = false;
	for (const refused of [await put(whole), await buy()]) {
		t.is(inWords(refused), "403 NOT_REGISTERED");
		t.like(JSON.parse(String(refused.body.detail)), { next_step: { method: "POST", required: ["wallet"] } });
	}
	account.isRegistered = true;
	t.deepEqual((await put({ address: { ...address, country: " us" } })).body, whole);
	t.is(inWords(await buy()), "200 paid");
});

test("dollars and their millionths", (t) => {
	for (const [value, text] of [
		[0n, "0.00"],
		[1_234n, "0.001234"],
		[250_000n, "0.25"],
		[10_000_000n, "10.00"],
		[9_990_000n, "9.99"],
		[100_000n, "0.10"],
	] as const) {
		t.is(dollars(value), text);
		t.is(micros(text), value);
		t.is(micros(Number(text)), value);
	}
	for (const wrong of ["1e-7", 1e-7, "-1", "1.0000001", "", ".5", null, Number.NaN]) t.is(micros(wrong), undefined);
});
