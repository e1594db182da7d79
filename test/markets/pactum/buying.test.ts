/** Pactum's client: orders that are free, and orders that credit pays. */

import { catalogue } from "../../../tools/world/markets/pactum/catalogue.js";
import { integer } from "../../support/memory.js";
import { collect, credit, json, ofPath, op, pactumTest, paths } from "./kit.js";

pactumTest("a free item is ordered, and its result delivered", {}, async ({ t, market, device, refusal }) => {
	const bought = await device.buy("item-free");
	t.deepEqual(bought!.outcome, { state: "delivered", outcome: "free", detail: "", transaction: "" });
	t.like(JSON.parse(bought!.text), { status: "completed", result: catalogue[0]!.result });
	t.is(bought!.record, undefined);
	t.deepEqual(paths(market), [
		"POST /market/auth/wallet",
		"POST /market/buy/item-free",
		"GET /market/orders/00000000-0000-4000-8000-000000000001",
		"GET /market/orders/00000000-0000-4000-8000-000000000001",
	]);
	t.is((await refusal(() => device.buy("item-free-query"))).name, "FieldMissing");
	const asked = await device.buy("item-free-query", { query: "BTC π 🐋" });
	t.is((await market.order(json(Buffer.from(asked!.text)).order_id as string)).query, "BTC π 🐋");
	t.is((await device.buy("item-free", { payment_method: "credit" }))!.outcome.outcome, "free", "whatever is to pay");
	t.is(device.spent(), 0n);
	t.is((await refusal(() => device.buy("item-none"))).name, "NotFound");
	t.is((await refusal(() => device.buy("../x"))).name, "IdMalformed");
	for (const input of [[], { query: 5 }, { payment_method: "card" }, { file: "yes" }]) {
		t.is((await refusal(() => device.buy("item-free", input))).name, "InputMalformed");
	}
	market.gateway.script.next("/market/buy/item-free", {
		name: "answer",
		status: 400,
		body: { error: "QUOTA_EXCEEDED" },
	});
	t.is((await refusal(() => device.buy("item-free"))).name, "QuotaExceeded");
});

pactumTest("a free order that fails is retried three times, then given up", {}, async ({ t, market, device }) => {
	const free = { ...catalogue.find(({ item_id }) => item_id === "item-broken")!, price: 0n };
	market.items.push(
		{ ...free, item_id: "item-broken-free" },
		{ ...free, item_id: "item-flaky-free", fulfilment: { failures: 3 } },
	);
	t.like((await device.buy("item-broken-free"))!.outcome, { state: "refused", outcome: "failed" });
	t.like((await device.buy("item-flaky-free"))!.outcome, { state: "delivered", outcome: "free" });
});

pactumTest(
	"a purchase by credit looks up the price, takes the budget and polls the order",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const { message } = await refusal(() => device.buy("item-paid", credit));
		t.is(message, "item item-paid needs a query: <symbol> <what> by exchange");
		const bought = await device.buy("item-paid", { query: "BTC", ...credit });
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.like(bought!.record, {
			state: "delivered",
			rule: "credit",
			network: "account:pactum",
			asset: "usd",
			outcome: "paid",
		});
		t.is(integer(bought!.record!.amount), 10_000n);
		t.is(bought!.record!.progress.length, 0);
		t.is(device.spent(), 10_000n);
		t.like(await op.balance(device.pactum.api), { balance: "1.00", frozen: "0.01" });
		const order = JSON.parse(bought!.text).order_id;
		await op.confirm(device.pactum.api, order);
		t.like(await op.balance(device.pactum.api), { balance: "0.99", frozen: "0.00" });
		t.is((await op.order(device.pactum.api, order)).status, "completed");
		t.deepEqual(
			ofPath(market, "/market/buy/item-paid").map(({ body }) => json(body)),
			[{ query: "BTC", payment_method: "credit" }],
		);
		market.variant.price = "string";
		t.like((await device.buy("item-text", credit))!.outcome, { state: "delivered" });
		t.is(device.spent(), 11_234n);
	},
);

pactumTest(
	"a purchase by credit that is refused, here or by the market, costs nothing",
	{ credit: 1_000n },
	async ({ t, market, device, refusal }) => {
		t.is((await refusal(() => device.buy("item-paid", credit))).name, "FieldMissing");
		device.cap = 9_999n;
		t.is((await refusal(() => device.buy("item-paid", { query: "x", ...credit }))).name, "OverPlanCap");
		device.cap = 2_000_000n;
		t.deepEqual(ofPath(market, "/market/buy/item-paid"), [], "none of these was asked for");
		const poor = await device.buy("item-paid", { query: "x", ...credit });
		t.like(poor!.outcome, { state: "refused", outcome: "FundsTooLow" });
		t.regex(poor!.outcome.detail, /top up/);
		t.like((await device.buy("item-postcard", credit))!.outcome, {
			state: "refused",
			outcome: "ShippingAddressMissing",
		});
		const { script } = market.gateway;
		const path = "/market/buy/item-paid";
		const buy = async () => (await device.buy("item-paid", { query: "x", ...credit }))!.outcome.outcome;
		script.next(path, { name: "answer", status: 400, body: { error: "QUOTA_EXCEEDED" } });
		t.is(await buy(), "QuotaExceeded");
		script.next(path, { name: "answer", status: 402, body: {} });
		t.is(await buy(), "order_unknown", "terms that cannot be read are no refusal");
		script.next(path, { name: "answer", status: 403 });
		t.is(await buy(), "RequestRefused");
		script.next(path, { name: "answer", status: 404, body: { error: "NOT_FOUND" } });
		t.is(await buy(), "NotFound");
		script.next(path, { name: "answer", status: 401 });
		t.is(await buy(), "TokenRefused");
		script.next(path, { name: "answer", status: 429, headers: { "retry-after": "1" } });
		t.is(await buy(), "RateLimited");
		t.deepEqual(await collect(op.orders(device.pactum.api)), []);
		device.changeRule = (rule) => ({ ...rule, origin: "https://elsewhere.example" });
		device.boot();
		t.is((await refusal(() => device.buy("item-text", credit))).name, "NoRule");
	},
);

pactumTest(
	"an order by credit whose answer is lost is looked up in the list, never repeated",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		const { script } = market.gateway;
		const path = "/market/buy/item-text";
		await device.buy("item-text", credit);
		await device.buy("item-free");
		for (const step of [
			{ name: "wire", at: "answer", does: "reset" },
			{ name: "wire", at: "headers", does: "close" },
			{ name: "wire", at: "body", does: "reset" },
			{ name: "answer", status: 502, at: "answer" },
			{ name: "answer", status: 200, body: "OK", at: "answer" },
			{ name: "answer", status: 200, body: { order_id: "../.." }, at: "answer" },
			{ name: "wire", at: "answer", does: "silence" },
		] as const) {
			const before = ofPath(market, path).length;
			script.next(path, step);
			const bought = await device.buy("item-text", credit);
			t.like(bought!.outcome, { state: "delivered", outcome: "paid" }, JSON.stringify(step));
			t.is(ofPath(market, path).length, before + 1);
		}
		t.is(device.spent(), 8n * 1_234n);
		t.like(await op.balance(device.pactum.api), { frozen: "0.009872" });

		device.waits.length = 0;
		script.next(path, { name: "wire", at: "request", does: "reset" });
		const unknown = await device.buy("item-text", credit);
		t.like(unknown!.outcome, { state: "unknown", outcome: "order_unknown" });
		t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
		t.is(device.spent(), 9n * 1_234n, "the budget stays taken");
		t.like(await op.balance(device.pactum.api), { frozen: "0.009872" });

		// Somebody else buys the same with the same account in between: nobody can tell whose is whose.
		script.next(path, { name: "answer", status: 500, at: "answer" });
		const token = ofPath(market, path).at(-1)!.headers.authorization!;
		const other = {
			method: "POST",
			headers: { authorization: token, "content-type": "application/json" },
			body: JSON.stringify(credit),
		};
		script.next("/market/orders", { name: "answer", status: 500 }, { when: () => ofPath(market, path).length === 10 });
		device.onWait = async () => {
			device.onWait = () => {};
			await fetch(market.gateway.url + path, other);
		};
		t.like((await device.buy("item-text", credit))!.outcome, { state: "unknown", outcome: "order_unknown" });
	},
);

pactumTest(
	"a price that rises after the lookup is counted in full",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const index = market.items.findIndex(({ item_id }) => item_id === "item-text");
		const item = market.items[index]!;
		const discover = market.gateway.script;
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: 0.001 }] },
		});
		t.is((await device.buy("item-text", credit))!.outcome.outcome, "paid");
		t.is(device.spent(), 1_234n);
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: "0.5" }] },
		});
		t.is((await device.buy("item-text", credit))!.outcome.outcome, "paid");
		t.is(device.spent(), 501_234n, "less than was taken gives nothing back");
		market.items[index] = { ...item, price: 0n };
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: 0 }] },
		});
		market.items[index] = item;
		t.is((await refusal(() => device.buy("item-text", credit))).name, "PriceChanged");
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: 0.0000012 }] },
		});
		t.is((await refusal(() => device.buy("item-text", credit))).name, "PriceMalformed");
		t.is(device.spent(), 501_234n);
	},
);
