/** What Pactum's two hosts refuse, in the shapes in which they write it, is named and said with its remedy. */
import { collect, credit, ofPath, op, pactumTest } from "./kit.js";

pactumTest(
	"an unregistered wallet is refused with the step that the market wants",
	{ credit: 1_000_000n },
	async (context) => {
		const { t, market, device, refusal } = context;
		const next_step = { method: "POST", url: "https://api.pactum.cc/market/register", required: ["wallet"] };
		const step = market.refusal("gateway", "NOT_REGISTERED", undefined, { next_step });
		market.gateway.script.next("/market/buy/item-text", step);
		const credited = (await device.buy("item-text", credit))!.outcome;
		t.like(credited, { state: "refused", outcome: "NotRegistered" });
		t.regex(credited.detail, /NOT_REGISTERED.*POST https:\/\/api\.pactum\.cc\/market\/register \(wallet\)/);
		market.gateway.script.next("/market/buy/item-text", step);
		t.is((await refusal(() => device.buy("item-text"))).name, "NotRegistered");
		market.gateway.script.next("/market/address", step);
		const address = { name: "A", street: "B", city: "C", state: "D", postal_code: "1", country: "DE" };
		t.is((await refusal(() => op.setAddress(device.pactum.api, address))).name, "NotRegistered");
		t.is(ofPath(market, "/market/buy/item-text").length, 2);
	},
);

pactumTest("fields that the market refuses are named by their paths", { usdc: 1_000_000n }, async (context) => {
	const { t, market, device, refusal } = context;
	const { message, name } = await refusal(() => op.register(device.pactum.api, "nobody"));
	t.is(name, "RequestRefused");
	t.regex(message, /422 \(body\.email: Input should be valid\)/);
	const input = { type: "value_error", loc: ["body", "seller"], msg: "x".repeat(40), input: "y".repeat(2_000) };
	const detail = Array.from({ length: 12 }, () => input);
	market.wallet.script.next("/v1/escrow-deposit", { name: "answer", status: 422, body: { detail } });
	const refused = (await device.buy("item-text"))!.outcome;
	t.like(refused, { state: "refused", outcome: "RequestRefused" });
	t.true(refused.detail.length < 300, "an answer of any length has a short message");
	market.gateway.script.next("/market/credit/topup", {
		name: "answer",
		status: 400,
		body: { error: "X", missing: ["amount"] },
	});
	t.regex((await refusal(() => op.topup(device.pactum.api, "10", "stripe"))).message, /X: amount/);
});

pactumTest("a token in JSON within `detail` is in no message", {}, async ({ t, market, device, refusal }) => {
	await collect(op.orders(device.pactum.api));
	const token = String(market.gateway.requests.at(-1)!.headers.authorization).slice("Bearer ".length);
	const step = market.refusal("gateway", "AUTH_FAILED", `Invalid token: ${token} of ${device.options.apiKey}`);
	market.gateway.script.next("/market/orders", step, { times: 2 });
	const { name, message } = await refusal(() => collect(op.orders(device.pactum.api)));
	t.is(name, "TokenRefused");
	t.regex(message, /Invalid token: … of …/);
});

pactumTest(
	"a deposit refused without a reason may have been made, and counts",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		// packages/wallet/api/routes.py answers 400 for any ValueError, also for one that the wait for the receipt throws.
		const body = { detail: "Expecting value: line 1 column 1 (char 0)" };
		market.wallet.script.next("/v1/escrow-deposit", { name: "answer", status: 400, body, at: "answer" });
		t.like((await device.buy("item-text"))!.outcome, { state: "unknown", outcome: "deposit_unknown" });
		const [order] = market.orders();
		t.not(await market.escrow.order(order!.id), undefined);
		t.is(device.spent(), 1_234n);
	},
);
