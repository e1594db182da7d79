/** Pactum's client: an order followed to its end, its seller made to try again, its result fetched. */
import test from "ava";
import type { MarketDeps } from "../../../src/markets/market.js";
import { Pactum } from "../../../src/markets/pactum/pactum.js";
import { fileContents } from "../../../tools/world/markets/pactum/catalogue.js";
import { collect, credit, ofPath, op, pactumTest, paths } from "./kit.js";

pactumTest(
	"an order is polled less and less often until it is delivered",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		let waited = 0;
		device.onWait = async (milliseconds) => {
			waited += milliseconds;
			const [order] = await collect(op.orders(device.pactum.api));
			if (waited === 3_000) await market.process(order!.id);
			if (waited === 61_000) await market.deliver(order!.id, { content: "the report" });
		};
		device.waits.length = 0;
		const bought = await device.buy("item-report", credit);
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.like(JSON.parse(bought!.text), { result: { content: "the report" } });
		t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
		const waiting = device.events.filter((event) => (event as { event: string }).event === "waiting");
		t.deepEqual(
			waiting.map((event) => (event as { status: string }).status),
			["paid", "processing"],
		);
	},
);

pactumTest(
	"an order that fails is retried three times, then disputed",
	{ usdc: 1_000_000n, credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const retries = () => paths(market).filter((path) => path.endsWith("/retry")).length;
		const flaky = await device.buy("item-flaky");
		t.like(flaky!.outcome, { state: "delivered", outcome: "paid" });
		t.is(retries(), 2);
		for (const input of ["", credit] as const) {
			const before = retries();
			const broken = await device.buy("item-broken", input);
			t.like(broken!.outcome, { state: "unknown", outcome: "disputed" });
			t.is(retries(), before + 3);
		}
		const [order] = await collect(op.orders(device.pactum.api));
		t.like(order, { status: "disputed", item: "item-broken", amount: "0.03" });
		t.is((await refusal(() => op.retry(device.pactum.api, order!.id))).name, "RequestRefused");
		t.is(device.spent(), 80_000n, "what the market may give back was spent all the same");

		// The request is at fault: to try again is no use.
		device.onWait = async () => {
			const [{ id }] = (await collect(op.orders(device.pactum.api))) as unknown as [{ id: string }];
			await market.fail(id);
			(await market.order(id)).result = { error: "Invalid request: no such symbol" };
		};
		const before = retries();
		t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
		t.is(retries(), before);
	},
);

pactumTest(
	"an order without retries is disputed at once, and a retry whose answer is lost is not another one",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		let id = "";
		device.onWait = async () => {
			if (id !== "") return;
			id = (await collect(op.orders(device.pactum.api)))[0]!.id;
			await market.fail(id);
			(await market.order(id)).retriesLeft = 0;
			t.is((await refusal(() => op.retry(device.pactum.api, id))).name, "NoRetriesLeft");
			// As if the market did not say how many are left.
			const { status } = await market.order(id);
			market.gateway.script.next(`/market/orders/${id}`, {
				name: "answer",
				status: 200,
				body: { order_id: id, status },
			});
		};
		t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
		// It says that there are none left; it does not stop at three by itself.
		for (const [left, expected] of [
			[0, 0],
			[100, 3],
		] as const) {
			id = "";
			device.onWait = async () => {
				if (id !== "") return;
				id = (await collect(op.orders(device.pactum.api)))[0]!.id;
				const order = await market.order(id);
				await market.fail(id);
				Object.assign(order, { retriesLeft: left, failuresLeft: 100 });
			};
			t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
			t.is(ofPath(market, `/market/orders/${id}/retry`).length, expected);
		}
		let isLost = false;
		device.onWait = async () => {
			const [order] = await collect(op.orders(device.pactum.api));
			if (order!.status === "failed" && !isLost) {
				isLost = true;
				market.gateway.script.next(`/market/orders/${order!.id}/retry`, { name: "wire", at: "answer", does: "reset" });
			}
		};
		t.like((await device.buy("item-flaky", credit))!.outcome, { state: "delivered" });
		t.true(isLost);
	},
);

pactumTest(
	"an order that is refunded, disputed, gone or late ends under that name",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		const after = (change: (id: string) => Promise<unknown>) => {
			device.onWait = async () => {
				device.onWait = () => {};
				await change((await collect(op.orders(device.pactum.api)))[0]!.id);
			};
		};
		after((id) => market.resolve(id, "buyer"));
		t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "refunded" });
		after((id) => op.dispute(device.pactum.api, id, "wrong data"));
		t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
		after(async (id) => market.gateway.script.next(`/market/orders/${id}`, { name: "answer", status: 404, body: {} }));
		t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "NotFound" });
		device.onWait = () => {};
		device.waits.length = 0;
		const late = await device.buy("item-report", credit);
		t.like(late!.outcome, { state: "unknown", outcome: "not_delivered_yet" });
		t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
		t.is(device.spent(), 1_000_000n);
	},
);

pactumTest(
	"a delivery cut short is fetched again, one that the sink refuses is not",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		let cuts = 0;
		device.onWait = () => {};
		market.nextOrderIds.push("cut-me");
		const cut = { name: "wire", at: "body", does: "reset" } as const;
		const when = () => ++cuts >= 2;
		market.gateway.script.next("/market/orders/cut-me", cut, { times: 2, when });
		t.like((await device.buy("item-text", credit))!.outcome, { state: "delivered", outcome: "paid" });
		const full = await device.buy("item-text", credit, () => {
			throw Object.assign(new Error("the sink is full"), { name: "SinkFull" });
		});
		t.like(full!.outcome, { state: "unknown", outcome: "SinkFull" });
		t.is(device.spent(), 2n * 1_234n);
	},
);

pactumTest(
	"a file comes from another host, which gets no token",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const bought = await device.buy("item-file", { ...credit, file: true });
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.is(bought!.text, fileContents.toString());
		t.deepEqual(Object.keys(market.files.requests[0]!.headers).sort(), [
			"accept",
			"accept-encoding",
			"host",
			"user-agent",
		]);
		const [order] = await collect(op.orders(device.pactum.api));
		const path = `/market/orders/${order!.id}/file`;
		const { script } = market.gateway;
		const file = async () => (await op.file(device.pactum.api, order!.id)).bytes(100_000);
		t.deepEqual(Buffer.from(await file()), fileContents);
		script.next(path, {
			name: "answer",
			status: 302,
			headers: { location: `${market.files.url}/deliveries/x/y?signature=0` },
		});
		t.is((await refusal(file)).name, "AnswerUnexpected");
		for (const location of ["", "not an address", "ftp://x/y", "/relative"]) {
			script.next(path, { name: "answer", status: 302, headers: { location } });
			t.is((await refusal(file)).name, "AnswerMalformed", location);
		}
		script.next(path, { name: "answer", status: 200, body: "the file itself?" });
		t.is((await refusal(file)).name, "AnswerUnexpected");
		const none = await device.buy("item-free", { file: true });
		t.like(none!.outcome, { state: "unknown", outcome: "NotFound" });
		// The host has a bad moment: its address is asked for again.
		const stale = {
			name: "answer",
			status: 302,
			headers: { location: `${market.files.url}/deliveries/x/y?signature=0` },
		} as const;
		market.nextOrderIds.push("stale");
		script.next("/market/orders/stale/file", stale);
		t.is((await device.buy("item-file", { ...credit, file: true }))!.text, fileContents.toString());
	},
);

test("a file's address without TLS is refused when the market has TLS", async (t) => {
	const redirect = (location: string) => ({
		status: 302,
		headers: { get: () => location },
		url: { scheme: "https" },
		discard: async () => {},
	});
	const token = () => new Response('{"token":"t"}').body!.getReader();
	const http = {
		request: async ({ url }: { url: string }) => {
			if (url.endsWith("/file")) return redirect("http://files.example/a?signature=s");
			const reader = token();
			return {
				status: 200,
				headers: { get: () => undefined },
				close: () => {},
				read: async () => (await reader.read()).value,
			};
		},
	};
	const means = { http, timer: undefined, clock: undefined, keys: undefined, random: () => {}, log: () => {} };
	const pactum = new Pactum(means as unknown as MarketDeps, { apiKey: "k" });
	const error = await t.throwsAsync(() => op.file(pactum.api, "a"), { name: "FileAddressUnsafe" });
	t.false(error.message.includes("signature"));
});
