import { collect, credit, json, ofPath, op, pactumTest } from "./kit.js";

pactumTest(
	"orders are listed and read one by one, whatever the size of their results",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		t.deepEqual(await collect(op.orders(device.pactum.api)), []);
		await device.buy("item-report", credit).catch(() => {});
		const [{ id }] = (await collect(op.orders(device.pactum.api))) as unknown as [{ id: string }];
		await market.deliver(id, { long: "x".repeat(50_000) });
		await device.buy("item-free");
		t.deepEqual(
			(await collect(op.orders(device.pactum.api))).map(({ item, status, amount }) => ({ item, status, amount })),
			[
				{ item: "item-free", status: "completed", amount: "0" },
				{ item: "item-report", status: "delivered", amount: "0.25" },
			],
		);
		t.deepEqual(await op.order(device.pactum.api, id), {
			id,
			status: "delivered",
			item: "item-report",
			amount: "0.25",
			retriesLeft: undefined,
		});
		t.is((await (await op.result(device.pactum.api, id)).bytes(100_000)).length > 50_000, true);
		t.is((await refusal(() => op.order(device.pactum.api, "nothing"))).name, "NotFound");
		t.is((await refusal(() => op.confirm(device.pactum.api, "a/b"))).name, "IdMalformed");
		await op.confirm(device.pactum.api, id);
		t.is((await refusal(() => op.confirm(device.pactum.api, id))).name, "RequestRefused");
	},
);

pactumTest("messages go both ways", {}, async ({ t, market, device }) => {
	await device.buy("item-free");
	const [{ id }] = (await collect(op.orders(device.pactum.api))) as unknown as [{ id: string }];
	t.deepEqual(await collect(op.messages(device.pactum.api, id)), []);
	await op.send(device.pactum.api, id, 'Can you also include "ETH" data? π');
	await market.say(id, "Yes.");
	t.deepEqual(
		(await collect(op.messages(device.pactum.api, id))).map(({ content, direction }) => [direction, content]),
		[
			["buyer_to_seller", 'Can you also include "ETH" data? π'],
			["seller_to_buyer", "Yes."],
		],
	);
	t.regex((await collect(op.messages(device.pactum.api, id)))[0]!.time, /^20\d\d-/);
});

pactumTest(
	"an address is set before a physical item is ordered",
	{ credit: 2_000_000n },
	async ({ t, market, device }) => {
		device.cap = 2_000_000n;
		const address = {
			name: "John Doe",
			street: "123 Main St",
			city: "New York",
			state: "NY",
			postal_code: "10001",
			country: "US",
		};
		await op.setAddress(device.pactum.api, address);
		t.deepEqual(json(ofPath(market, "/market/address")[0]!.body), { address });
		device.onWait = async () => {
			await market.deliver((await collect(op.orders(device.pactum.api)))[0]!.id);
		};
		t.like((await device.buy("item-postcard", credit))!.outcome, { state: "delivered" });
	},
);

pactumTest(
	"when the market asks for an address the configured one is set once, and the order repeated",
	{ usdc: 2_000_000n, credit: 2_000_000n },
	async ({ t, market, device, refusal }) => {
		device.cap = 2_000_000n;
		const missing = { state: "refused", outcome: "ShippingAddressMissing" } as const;
		t.like((await device.buy("item-postcard", credit))!.outcome, missing);
		const place = { name: "John Doe", street: "123 Main St", city: "New York", state: "NY" };
		const address = { ...place, postal_code: "10001", country: "US" };
		device.onWait = async () => {
			for await (const { id, status } of op.orders(device.pactum.api)) if (status === "paid") await market.deliver(id);
		};
		device.boot({ address });
		market.gateway.script.next("/market/address", { name: "answer", status: 400, body: { error: "INVALID_REQUEST" } });
		t.is((await refusal(() => device.buy("item-postcard"))).name, "ShippingAddressMissing");
		for (const input of [credit, ""] as const) {
			t.like((await device.buy("item-postcard", input))!.outcome, { state: "delivered" });
		}
		const set = ofPath(market, "/market/address");
		t.deepEqual(
			set.map(({ status, body }) => [status, json(body).address]),
			[
				[400, address],
				[200, address],
			],
		);
	},
);

pactumTest("a top-up raises the balance once a person has paid", {}, async ({ t, market, device, refusal }) => {
	for (const [amount, provider, sent] of [
		["10", "stripe", 10],
		["1.00", "alipay", 1],
		["12.34", "wechat", 12.34],
	] as const) {
		const url = await op.topup(device.pactum.api, amount, provider);
		t.deepEqual(json(ofPath(market, "/market/credit/topup").at(-1)!.body), { amount: sent, provider });
		t.deepEqual(device.events.at(-1), { event: "checkout", market: "pactum", amount, provider, url });
		market.pay(url);
	}
	t.like(await op.balance(device.pactum.api), { available: "23.34" });
	for (const amount of ["0.99", "500.01", "1.001", "x", "-5", "", "1e2"]) {
		t.is((await refusal(() => op.topup(device.pactum.api, amount, "stripe"))).name, "TopUpOutOfRange", amount);
	}
	await op.topup(device.pactum.api, "500", "stripe");
	market.gateway.script.next("/market/credit/topup", {
		name: "answer",
		status: 200,
		body: { checkout_url: "javascript:1" },
	});
	t.is((await refusal(() => op.topup(device.pactum.api, "5", "stripe"))).name, "AnswerMalformed");
});

pactumTest(
	"a plan keeps credit: it shows where to pay, waits for a person, and asks for nothing while there is enough",
	{},
	async ({ t, market, device, refusal }) => {
		const checkouts = () => device.events.filter((event) => (event as { event?: string }).event === "checkout");
		device.onWait = () => {
			if (device.waits.length === 3) market.pay((checkouts()[0] as { url: string }).url);
		};
		const { outcome, text, record } = (await device.buy("topup:12.50", { provider: "alipay" }))!;
		t.like(outcome, { state: "delivered", outcome: "free" });
		t.is(record, undefined);
		t.like(JSON.parse(text), { available: "12.50" });
		t.deepEqual(device.waits, [2_000, 4_000, 8_000]);
		t.like(checkouts(), [{ amount: "12.50", provider: "alipay" }, { url: "" }]);

		t.like((await device.buy("topup:12.5"))!.outcome, { state: "delivered", outcome: "free" });
		t.is(ofPath(market, "/market/credit/topup").length, 1);

		device.onWait = () => {};
		t.is((await refusal(() => device.buy("topup:20"))).name, "NotPaid");
		t.true(device.waits.slice(3).reduce((sum, wait) => sum + wait) <= 150_000, "others do not wait for a person");
		t.like(checkouts().slice(2), [{ amount: "20", provider: "stripe" }], "shown until somebody has paid");
		market.pay((checkouts()[2] as { url: string }).url);
		t.like((await device.buy("topup:20"))!.outcome, { state: "delivered", outcome: "free" });
		t.like(checkouts().slice(3), [{ url: "" }]);
		t.is((await refusal(() => device.buy("topup:0.5"))).name, "TopUpOutOfRange");
		for (const input of [{ provider: "cash" }, { provider: 1 }, { provider: [] }]) {
			t.is((await refusal(() => device.buy("topup:20", input))).name, "InputMalformed");
		}
	},
);

pactumTest(
	"a purchase whose progress flash refuses is still finished in this run",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		let records = 0;
		const refuse = (nth: number) => {
			records = 0;
			device.flash.refuses = (key) => /^r[0-9]/.test(key) && ++records === nth;
		};
		refuse(3);
		const bought = await device.buy("item-text");
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.like(device.events[0], { event: "error", name: "LedgerWriteFailed" });
		t.is(ofPath(market, "/v1/escrow-deposit").length, 1);
		refuse(2);
		await t.throwsAsync(() => device.buy("item-text"), { name: "LedgerWriteFailed" });
		t.is(ofPath(market, "/v1/escrow-deposit").length, 1, "without a record nothing is asked for");
		t.is(device.spent(), 1_234n);
	},
);
