/** AgentPMT's client: credits bought and claimed, and calls paid on the spot; the chain is asked what moved. */
import type { AgentPmtError } from "../../../src/markets/agentpmt/errors.js";
import { eurc, usdc } from "../../../tools/world/chain.js";
import { treasury } from "../../../tools/world/markets/agentpmt/market.js";
import { bodyOf, chain, DO_IT, FORECAST, lost, PURCHASE, refusal, SESSION, withRig } from "./kit.js";
import type { AgentPmtRig as Rig } from "./rig.js";

/** A device with dollars. */
async function rich(rig: Rig, dollars = 100) {
	const boot = rig.boot();
	const wallet = boot.market.wallet as `0x${string}`;
	await chain.mint(wallet, BigInt(dollars) * 1_000_000n);
	return { boot, wallet };
}

for (const terms of ["header and body", "header", "body"] as const) {
	for (const dialect of ["newer", "older"] as const) {
		withRig(
			`a pack of credits is bought by one payment in one header (${dialect}, terms in ${terms})`,
			async (t, rig) => {
				rig.local.variants.terms = terms;
				rig.local.variants.chainRequired = dialect === "newer";
				rig.options = { dialect };
				const { boot, wallet } = await rich(rig);
				const outcome = await boot.buy("credits:500");
				t.like(outcome, { state: "delivered", outcome: "paid" });
				t.like(JSON.parse(boot.delivered[0]!), { credits: 500, balance: 500, transaction_hash: outcome.transaction });
				const [asked, paid] = rig.local.seen(PURCHASE);
				const shared = { wallet_address: wallet, credits: 500, payment_method: "x402" };
				t.deepEqual(bodyOf(asked!), dialect === "newer" ? { ...shared, chain_id: 84532, token: "USDC" } : shared);
				t.deepEqual(asked!.body, paid!.body);
				const headers = ["x-payment", "payment-signature", "payment"].filter((name) => name in paid!.headers);
				t.deepEqual(headers, [dialect === "newer" ? "x-payment" : "payment-signature"]);
				t.is(rig.local.credits.balance(wallet), 500);
				const transfers = await chain.transfers(wallet);
				t.like(transfers, { length: 1 });
				t.like(transfers[0], { to: treasury, value: 5_000_000n });
				t.deepEqual(rig.spentBy(), { [usdc.address.toLowerCase()]: 5_000_000n });
			},
		);
	}
}

for (const errors of ["flat", "details", "detail"] as const) {
	withRig(`the suggested pack is bought within the plan's cap (${errors})`, async (t, rig) => {
		rig.local.variants.errors = errors;
		const { wallet } = await rich(rig);
		const error = await rig.error(rig.boot({ cap: 9_999_999 }).buy("credits:700"));
		t.is(error.name, "OverPlanCap");
		t.is(rig.record(), undefined);
		t.like(await rig.boot({ cap: 10_000_000 }).buy("credits:700"), { state: "delivered" });
		t.is(rig.local.credits.balance(wallet), 1_000);
		t.like((await chain.transfers(wallet))[0], { value: 10_000_000n });
	});
}

withRig("a suggestion that is no pack, and a second suggestion, are errors", async (t, rig) => {
	await rich(rig);
	rig.local.script.next(PURCHASE, refusal(400, { error: "no", code: "PACK", suggested_credits: 750 }));
	const odd = (await rig.error(rig.boot().buy("credits:700"))) as AgentPmtError;
	t.is(odd.name, "CreditPackInvalid");
	t.is(odd.suggestedCredits, 750);
	t.regex(odd.message, /400 PACK "no" and suggests 750/);
	rig.local.script.next(PURCHASE, refusal(400, { error: "no", suggested_credits: 1_000 }));
	rig.local.script.next(PURCHASE, refusal(400, { error: "no", suggested_credits: 1_500 }));
	t.is((await rig.error(rig.boot().buy("credits:700"))).name, "CreditPackInvalid");
	t.is(rig.record(), undefined);
});

withRig("a pack at another price than the documented one, or on another chain, is not signed", async (t, rig) => {
	await rich(rig);
	const accepts = (more: object) => ({
		x402Version: 2,
		resource: { url: rig.local.url + PURCHASE },
		accepts: [
			{
				scheme: "exact",
				network: "eip155:84532",
				amount: "5000000",
				asset: usdc.address,
				payTo: treasury,
				maxTimeoutSeconds: 240,
				extra: { name: "USDC", version: "2" },
				...more,
			},
		],
	});
	for (const [more, name] of [
		[{ amount: "5000001" }, "PackPrice"],
		[{ amount: "4999999" }, "PackPrice"],
		[{ network: "eip155:8453" }, "PackPrice"],
		[{ payTo: `0x${"11".repeat(20)}` }, "PayToNotPinned"],
		[{ asset: eurc.address }, "NoRule"],
	] as const) {
		rig.local.script.next(PURCHASE, refusal(402, accepts(more)));
		t.is((await rig.error(rig.boot().buy("credits:500"))).name, name);
	}
	t.is(rig.record(), undefined);
	t.true(rig.local.seen(PURCHASE).every(({ payment }) => payment === undefined));
});

withRig("terms of 300 s are paid with an authorization of at most 240 s", async (t, rig) => {
	rig.local.variants.maxTimeoutSeconds = 300;
	const { boot } = await rich(rig);
	t.like(await boot.buy("credits:500"), { state: "delivered" });
	const { time, validBefore } = rig.record()!;
	t.is(validBefore - time, 240);
});

withRig("an order for another wallet names the payer", async (t, rig) => {
	// The slot's key pays; the market is told so, though it is the wallet's own here.
	const { wallet } = await rich(rig);
	rig.options = { payer: wallet };
	t.like(await rig.boot().buy("credits:500"), { state: "delivered" });
	t.is(bodyOf(rig.local.seen(PURCHASE)[0]!).payer_wallet_address, wallet);
});

withRig("a pack is bought in EURC if the rules allow it, and no suggestion is followed", async (t, rig) => {
	const { wallet } = await rich(rig);
	await chain.mint(wallet, 100_000_000n, eurc);
	rig.options = { token: "EURC" };
	const asset = { ...eurc, address: eurc.address.toLowerCase(), network: chain.network, symbol: "EURC", decimals: 6 };
	const rules = rig.rules.bind(rig);
	rig.rules = () => rules().map((rule) => ({ ...rule, asset, methods: ["eip3009"], payTo: [treasury.toLowerCase()] }));
	t.is((await rig.error(rig.boot().buy("credits:700"))).name, "CreditPackInvalid");
	t.like(await rig.boot().buy("credits:500"), { state: "delivered" });
	t.is(await chain.balanceOf(wallet, eurc), 95_000_000n);
});

withRig("a pack whose answer was lost after settlement is granted by the same payment", async (t, rig) => {
	const { boot, wallet } = await rich(rig);
	const isPaid = { when: (request: { headers: object }) => "x-payment" in request.headers };
	rig.local.script.next(PURCHASE, lost("answer"), isPaid);
	t.like(await boot.buy("credits:500"), { state: "delivered", outcome: "paid" });
	const paid = rig.local.seen(PURCHASE).filter(({ headers }) => "x-payment" in headers);
	t.is(paid.length, 2);
	t.is(new Set(paid.map(({ headers }) => headers["x-payment"])).size, 1);
	t.deepEqual(paid[0]!.body, paid[1]!.body);
	t.is((await chain.transfers(wallet)).length, 1);
	t.is(rig.local.credits.balance(wallet), 500);
});

withRig("a transaction of the buyer's own is claimed once it has its confirmations", async (t, rig) => {
	const { boot, wallet } = await rich(rig);
	const hash = await chain.client.writeContract({
		account: wallet,
		address: usdc.address,
		abi: [
			{
				type: "function",
				name: "transfer",
				stateMutability: "nonpayable",
				inputs: [
					{ name: "to", type: "address" },
					{ name: "value", type: "uint256" },
				],
				outputs: [{ type: "bool" }],
			},
		],
		functionName: "transfer",
		args: [treasury, 5_000_000n],
		gasPrice: 0n,
	});
	await chain.client.waitForTransactionReceipt({ hash });
	rig.local.variants.confirmations = 3n;
	let waits = 0;
	const mined: Promise<unknown>[] = [];
	rig.onWait = () => {
		waits++;
		mined.push(chain.client.mine({ blocks: 1 }));
	};
	const grant = await boot.market.claim({ credits: 500, requestId: "claim-1", email: "a@example.com" }, hash);
	await Promise.all(mined);
	t.deepEqual(grant, { credits: 500, balance: 500, transaction: hash });
	t.true(waits >= 1 && waits <= 4);
	t.like(bodyOf(rig.local.seen(PURCHASE)[0]!), {
		request_id: "claim-1",
		email: "a@example.com",
		transaction_hash: hash,
	});
	t.deepEqual(await boot.market.claim({ credits: 500 }, hash), grant);
	t.is((await rig.error(boot.market.claim({ credits: 1_000 }, hash))).name, "Conflict");
	rig.local.variants.confirmations = 1_000n;
	const other = `0x${"12".repeat(32)}`;
	t.is((await rig.error(boot.market.claim({ credits: 500 }, other))).name, "TransactionUnconfirmed");
	t.is(rig.record(), undefined);
});

withRig("a direct payment sends the same bytes of bare parameters twice, with X-PAYMENT", async (t, rig) => {
	const { boot, wallet } = await rich(rig);
	const outcome = await boot.buy("x402:weather/forecast", '{ "place": "Kiel", "factor": 0.5 }');
	t.like(outcome, { state: "delivered", outcome: "paid" });
	t.like(JSON.parse(boot.delivered[0]!), {
		response: { data: { output: { place: "Kiel" } } },
		x402: { transaction: outcome.transaction },
	});
	const [asked, paid] = rig.local.seen(FORECAST);
	t.is(asked!.body.toString(), '{"place":"Kiel","factor":0.5}');
	t.deepEqual(asked!.body, paid!.body);
	t.is(asked!.payment, undefined);
	t.truthy(paid!.headers["x-payment"]);
	t.false("payment-signature" in paid!.headers);
	t.like((await chain.transfers(wallet))[0], { value: 50_000n, to: treasury });
	t.deepEqual(rig.spentBy(), { [usdc.address.toLowerCase()]: 50_000n });
	t.is(rig.local.seen(SESSION).length, 0);
});

withRig(
	"a direct payment for an unknown tool or unfit parameters is refused by name, and nothing is signed",
	async (t, rig) => {
		const token = "ya29.secret-of-the-calendar";
		rig.secrets.push(token);
		rig.options = { credentials: { calendar: { google: { access_token: token } } } };
		for (const [offer, input, name] of [
			["x402:credits-only/do-it", "", "NotFound"],
			["x402:no-tool/do-it", "", "NotFound"],
			["x402:twofold/same", "", "ActionAmbiguous"],
			["x402:weather/forecast", "", "RequestInvalid"],
			["x402:calendar/next-event", "", "RequestInvalid"],
			["x402:demo-tool/do-it", '{"_workflow_session_id":"ws"}', "RequestInvalid"],
			["x402:demo-tool/do-it", "[]", "ParametersInvalid"],
		] as const) {
			t.is((await rig.error(rig.boot().buy(offer, input))).name, name, offer);
		}
		const boot = rig.boot();
		const input = { parameters: "", workflowSession: "ws" };
		const direct = boot.market.tools.invokeDirectly("demo-tool/do-it", input, boot.payers.x402, boot.deliver);
		t.is((await rig.error(direct)).name, "OfferInvalid");
		t.is((await rig.error(rig.boot({ cap: 99_999 }).buy("x402:demo-tool/do-it"))).name, "OverPlanCap");
		t.is(rig.record(), undefined);
	},
);

withRig("a direct payment that is in progress, failed, lost or settled ends under that name", async (t, rig) => {
	const { wallet } = await rich(rig);
	const path = DO_IT;
	let period = 1;
	const buy = () => rig.boot({ period: period++ }).buy("x402:demo-tool/do-it");
	const isPaid = { when: (request: { headers: object }) => "x-payment" in request.headers };
	rig.local.script.next(path, refusal(409, { code: "X402_PAYMENT_IN_PROGRESS" }), isPaid);
	t.like(await buy(), { state: "delivered" });
	rig.local.faults.add(path, { name: "handler-status", status: 503 });
	t.like(await buy(), { state: "delivered" });
	rig.local.faults.add(path, { name: "settle-lost", message: "fetch failed" });
	t.like(await buy(), { state: "unknown", outcome: "settlement_failed" });
	rig.local.script.next(path, lost("answer"), isPaid);
	t.like(await buy(), { state: "unknown", outcome: "nonce_already_used" });
	rig.local.script.next(path, refusal(400, { code: "X402_BODY_MISMATCH" }), isPaid);
	t.like(await buy(), { state: "refused", outcome: "handler_refused" });
	t.is((await chain.transfers(wallet)).length, 4);
});
