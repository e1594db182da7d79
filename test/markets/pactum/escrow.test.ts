/** Pactum's client: orders by escrow, of which the chain is asked what was deposited. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { termsOf } from "../../../src/markets/pactum/shapes.js";
import { usdc } from "../../../tools/world/chain.js";
import { catalogue } from "../../../tools/world/markets/pactum/catalogue.js";
import { orderIdOnChain } from "../../../tools/world/markets/pactum/escrow.js";
import { chain, collect, json, ofPath, op, pactumTest, paths } from "./kit.js";

pactumTest(
	"an escrow purchase deposits, proves, and delivers the result",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const bought = await device.buy("item-paid", { query: "BTC whale trades" });
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		const { order_id, tx_hash } = JSON.parse(bought!.text);
		t.is(bought!.outcome.transaction, tx_hash);
		t.like(bought!.record, { state: "delivered", rule: "escrow", network: chain.network, transaction: tx_hash });
		t.like(await market.escrow.order(order_id), { amount: 10_000n, status: "pending" });
		t.deepEqual(paths(market), [
			"POST /market/auth/wallet",
			"POST /market/buy/item-paid",
			"POST /market/buy/item-paid",
			`GET /market/orders/${order_id}`,
			`GET /market/orders/${order_id}`,
			"POST /v1/escrow-deposit",
		]);
		const [deposit] = ofPath(market, "/v1/escrow-deposit");
		t.is(deposit!.headers.authorization, `Bearer ${device.options.apiKey}`);
		t.deepEqual(json(deposit!.body), {
			escrow_contract: market.escrow.address.toLowerCase(),
			usdc_contract: usdc.address.toLowerCase(),
			order_id_bytes32: orderIdOnChain(order_id),
			seller: catalogue[0]!.seller,
			amount: 0.01,
		});
		await op.confirm(device.pactum.api, order_id);
		t.like(await market.escrow.order(order_id), { status: "released" });
		t.is(device.spent(), 10_000n);
	},
);

pactumTest(
	"an order's name on the chain is that of the vector",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const order_id = "123e4567-e89b-12d3-a456-426614174000";
		const hash = "0xb77d58f5e08a1d2c2d5d335ce973aa4c48c1c3b91dc2e11da40e81ba50b47179";
		market.nextOrderIds.push(order_id);
		market.variant.bytes32Prefix = false;
		market.variant.depositField = "tx_hash";
		t.is((await device.buy("item-text"))!.outcome.outcome, "paid");
		t.is(json(ofPath(market, "/v1/escrow-deposit")[0]!.body).order_id_bytes32, hash);
		t.is(ofPath(market, "/v1/escrow-deposit")[0]!.body.includes('"amount":0.001234}'), true);
		const escrow = {
			contract: `0x${"c".repeat(40)}`,
			usdc_contract: `0x${"D".repeat(40)}`,
			order_id_bytes32: hash.toUpperCase().replace("X", "x"),
		};
		const recipient = `0x${"a".repeat(40)}`;
		const terms = termsOf({ order_id, recipient, amount_units: "1", escrow }, device.keys);
		t.is(terms.orderHash, hash);
		t.is(terms.token, `0x${"d".repeat(40)}`);
		for (const [wrong, name] of [
			[{ amount_units: 0 }, "AnswerMalformed"],
			[{ amount_units: 1.5 }, "AnswerMalformed"],
			[{ amount_units: -1 }, "AnswerMalformed"],
			[{ recipient: "0x1" }, "AnswerMalformed"],
			[{ escrow: null }, "OrderHashMismatch"],
			[{ escrow: { ...escrow, contract: "" } }, "AnswerMalformed"],
			[{ escrow: { ...escrow, usdc_contract: 5 } }, "AnswerMalformed"],
			[{ order_id: `${order_id}0` }, "OrderHashMismatch"],
			[{ order_id: "" }, "IdMalformed"],
		] as const)
			t.throws(() => termsOf({ order_id, recipient, amount_units: 1, escrow, ...wrong }, device.keys), { name });
	},
);

pactumTest(
	"escrow terms that the rules do not name are not paid",
	{ usdc: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const buy = async () => (await refusal(() => device.buy("item-text"))).name;
		market.variant.escrow = { order_id_bytes32: orderIdOnChain("another order") };
		t.is(await buy(), "OrderHashMismatch");
		market.variant.escrow = { contract: `0x${"1".repeat(40)}` };
		t.is(await buy(), "PayToNotPinned");
		market.variant.escrow = { usdc_contract: `0x${"2".repeat(40)}` };
		t.is(await buy(), "NoRule");
		market.variant.escrow = {};
		market.variant.terms = { amount_units: 2_000_001 };
		device.cap = 10_000_000n;
		t.is(await buy(), "OverPaymentCap");
		device.cap = 1_000n;
		market.variant.terms = {};
		t.is(await buy(), "OverPlanCap");
		device.cap = 1_000_000n;
		device.changeRule = (rule) => ({ ...rule, payTo: [] });
		device.boot();
		const unpinned = await refusal(() => device.buy("item-text"));
		t.is(unpinned.name, "PayToNotPinned");
		t.regex(unpinned.message, /payTo/);
		device.changeRule = (rule) => rule;
		device.boot({ network: "eip155:1" });
		t.is(await buy(), "NoRule");
		t.deepEqual(ofPath(market, "/v1/escrow-deposit"), []);
		t.is(device.spent(), 0n);
	},
);

pactumTest(
	"an amount that the wallet service would round down is not deposited",
	{ usdc: 100_000_000n },
	async ({ t, market, device }) => {
		device.cap = 100_000_000n;
		device.changeRule = (rule) => ({
			...rule,
			maxPerPayment: "100000000",
			maxPerWindow: "100000000",
			maxForLife: "100000000",
		});
		device.boot();
		// int(float("4.18") * 10**6) is 4179999.
		for (const [amount_units, isSafe] of [
			[4_180_000, false],
			[64_070_000, false],
			[4_170_000, true],
		] as const) {
			market.variant.terms = { amount_units };
			const name = await device.buy("item-text").then(
				() => "",
				async ({ name }: Error) => name,
			);
			t.is(name, isSafe ? "" : "AmountUnsafe", String(amount_units));
		}
		t.is(ofPath(market, "/v1/escrow-deposit").length, 1);
	},
);

pactumTest(
	"a deposit that the hosted wallet refuses costs nothing",
	{ usdc: 1_000n },
	async ({ t, market, device }) => {
		const path = "/v1/escrow-deposit";
		const poor = await device.buy("item-text");
		t.like(poor!.outcome, { state: "refused", outcome: "FundsTooLow" });
		t.regex(poor!.outcome.detail, /Insufficient balance: 0\.001 USDC/);
		const detail = { detail: "Insufficient balance: 0.001 USDC (need 0.001234)" };
		market.wallet.script.next(path, { name: "answer", status: 400, body: detail });
		t.like((await device.buy("item-text"))!.outcome, { state: "refused", outcome: "FundsTooLow" });
		market.wallet.script.next(path, { name: "answer", status: 401 });
		t.like((await device.buy("item-text"))!.outcome, { state: "refused", outcome: "ApiKeyRefused" });
		market.wallet.script.next(path, { name: "answer", status: 429 });
		t.like((await device.buy("item-text"))!.outcome, { state: "refused", outcome: "RateLimited" });
		t.is(ofPath(market, path).length, 4, "no deposit is asked for twice");
	},
);

pactumTest("a deposit whose answer is lost is not repeated", { usdc: 1_000_000n }, async ({ t, market, device }) => {
	const path = "/v1/escrow-deposit";
	let deposits = 0;
	for (const [step, isMade] of [
		[{ name: "wire", at: "answer", does: "reset" }, true],
		[{ name: "wire", at: "request", does: "reset" }, false],
		[{ name: "answer", status: 504, at: "answer" }, true],
		[{ name: "answer", status: 200, body: { status: "completed" }, at: "answer" }, true],
		[{ name: "answer", status: 200, body: { deposit_tx: "0x12" }, at: "answer" }, true],
		[{ name: "answer", status: 500 }, false],
	] as const) {
		device.waits.length = 0;
		market.wallet.script.next(path, step);
		const lost = await device.buy("item-text");
		t.like(lost!.outcome, { state: "unknown", outcome: "deposit_unknown" });
		t.is(ofPath(market, path).length, ++deposits);
		t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
		const order = (await collect(op.orders(device.pactum.api)))[0]!;
		t.true(lost!.outcome.detail.includes(order.id), "a person can look for it");
		t.is((await market.escrow.order(order.id)) !== undefined, isMade);
	}
	t.is(device.spent(), 6n * 1_234n);
	// Where the owner has named a node of the chain, the transaction is found and proven.
	device.boot({ rpc: chain.rpcUrl });
	market.wallet.script.next(path, { name: "answer", status: 504, at: "answer" });
	t.like((await device.buy("item-text"))!.outcome, { state: "delivered", outcome: "paid" });
	market.wallet.script.next(path, { name: "wire", at: "request", does: "reset" });
	t.like((await device.buy("item-text"))!.outcome, { state: "unknown", outcome: "deposit_unknown" });
	device.boot();
	// A market that watches its escrow says so itself.
	market.wallet.script.next(path, { name: "answer", status: 504, at: "answer" });
	device.onWait = async () => {
		const [order] = await collect(op.orders(device.pactum.api));
		await market.deliver(order!.id, "seen");
	};
	const seen = await device.buy("item-text");
	t.like(seen!.outcome, { state: "delivered" });
	t.like(JSON.parse(seen!.text), { result: "seen" });
});

pactumTest(
	"a node that answers nonsense leaves a lost deposit unknown after a bounded number of polls",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const path = "/v1/escrow-deposit";
		for (const log of [{ transactionHash: "0x12" }, { transactionHash: "0xz" }, { transactionHash: null }, {}, 7]) {
			let asked = 0;
			const node = createServer((request, response) => {
				request.resume().on("end", () => response.end(JSON.stringify({ result: asked++ % 2 === 0 ? "0x10" : [log] })));
			});
			await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));
			device.boot({ rpc: `http://127.0.0.1:${(node.address() as AddressInfo).port}` });
			market.wallet.script.next(path, { name: "answer", status: 504, at: "answer" });
			try {
				const lost = await device.buy("item-text");
				t.like(lost!.outcome, { state: "unknown", outcome: "deposit_unknown" }, JSON.stringify(log));
				t.is(asked, 12);
			} finally {
				device.http.close();
				node.close();
				node.closeAllConnections();
			}
		}
	},
);

pactumTest(
	"the proof of a deposit is sent until it is accepted, with the same hash",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const path = "/market/buy/item-text";
		const { script } = market.gateway;
		const when = (request: { headers: object }) => "x-payment-proof" in request.headers;
		for (const repeatedProof of ["accepted", "refused"] as const) {
			market.variant.repeatedProof = repeatedProof;
			for (const steps of [
				[{ name: "wire", at: "answer", does: "reset" }],
				[{ name: "wire", at: "request", does: "reset" }],
				[{ name: "answer", status: 400, body: { error: "INVALID_REQUEST", message: "not found yet" } }],
				[
					{ name: "answer", status: 400 },
					{ name: "answer", status: 400 },
					{ name: "answer", status: 404 },
				],
				[{ name: "answer", status: 401 }],
				[
					{ name: "answer", status: 401 },
					{ name: "answer", status: 401 },
				],
				[
					{ name: "answer", status: 500 },
					{ name: "answer", status: 502, at: "answer" },
				],
				[{ name: "wire", at: "answer", does: "silence" }],
			] as const) {
				const seen = ofPath(market, path).length;
				const deposits = ofPath(market, "/v1/escrow-deposit").length;
				for (const step of steps) script.next(path, step, { when });
				const bought = await device.buy("item-text");
				t.like(bought!.outcome, { state: "delivered", outcome: "paid" }, JSON.stringify(steps));
				const proofs = ofPath(market, path)
					.slice(seen)
					.flatMap(({ payment }) => payment ?? []);
				t.true(proofs.length >= 2);
				t.deepEqual([...new Set(proofs)], [bought!.outcome.transaction]);
				t.is(ofPath(market, "/v1/escrow-deposit").length, deposits + 1);
			}
		}
		const [order] = await collect(op.orders(device.pactum.api));
		market.variant.repeatedProof = "accepted";
		t.is(
			await op.prove(device.pactum.api, "item-text", order!.id, (await market.order(order!.id)).proof!),
			"delivered",
		);
	},
);
