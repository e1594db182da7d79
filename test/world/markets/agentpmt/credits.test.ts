/** The local AgentPMT sells packs of credits, by x402 and by a transaction of the buyer's own. */
import { decodePaymentResponseHeader } from "@x402/core/http";
import type { PaymentPayload } from "@x402/core/types";
import test from "ava";
import { type Hex, parseAbi } from "viem";
import { usdc } from "../../../../tools/world/chain.js";
import { type AgentPmt, treasury } from "../../../../tools/world/markets/agentpmt/market.js";
import { newPayer, type Payer } from "../../../../tools/world/markets/payanagent/shop/payer.js";
import { type Answer, send } from "../send.js";
import { api, chain, code, locs, open, termsOf } from "./by_hand.js";

const order = (wallet: string, more: object = {}) => ({
	wallet_address: wallet,
	credits: 500,
	payment_method: "x402",
	chain_id: 84532,
	token: "USDC",
	...more,
});

const purchase = (market: AgentPmt, body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
	send(market, "POST", `${api}/credits/purchase`, body, headers);

for (const header of ["PAYMENT-SIGNATURE", "X-PAYMENT", "PAYMENT"]) {
	test(`a pack of credits paid in ${header} is granted once, however often the payment is sent`, async (t) => {
		const market = await open(t);
		const payer = await newPayer(chain);
		const body = order(payer.account.address);
		const asked = await purchase(market, body);
		t.is(asked.status, 402);
		t.deepEqual(asked.body as unknown, termsOf(asked));
		t.like(termsOf(asked).accepts[0], {
			amount: "5000000",
			payTo: treasury,
			asset: usdc.address,
			maxTimeoutSeconds: 240,
		});

		const payment = await payer.pay(termsOf(asked));
		const paid = await purchase(market, body, { [header]: payment });
		t.like(paid.body, { success: true, credits: 500, balance: 500 });
		const receipt = decodePaymentResponseHeader(paid.headers.get("payment-response")!);
		t.is(receipt.transaction, paid.body.transaction_hash as string);
		t.is(market.seen(`${api}/credits/purchase`).at(-1)!.payment, payment);
		// The same again: the same answer, and no more credits, nor money.
		t.deepEqual((await purchase(market, body, { [header]: payment })).body, paid.body);
		const transfers = await chain.transfers(payer.account.address);
		t.is(transfers.length, 1);
		t.like(transfers[0], { to: treasury, value: 5_000_000n, transactionHash: receipt.transaction as Hex });
		t.is(market.credits.balance(payer.account.address), 500);
		market.clock.advance(366 * 86_400);
		t.is(market.credits.balance(payer.account.address), 0);
	});
}

const packs: readonly (readonly [credits: number, suggested: number])[] = [
	[1, 500],
	[499, 500],
	[501, 1_000],
	[1_250, 1_500],
	[0, 500],
	[-5, 500],
];
for (const [credits, suggested] of packs) {
	test(`a purchase of ${credits} credits is refused, and ${suggested} are suggested`, async (t) => {
		const refused = await purchase(await open(t), order(treasury, { credits }));
		t.is(code(refused), "400 INVALID_CREDIT_PACK");
		t.is(refused.body.suggested_credits as number, suggested);
	});
}

test("a purchase of credits refuses each field that the documents do not have", async (t) => {
	const market = await open(t);
	const refused = async (more: object, headers = {}) => code(await purchase(market, order(treasury, more), headers));
	t.is(await refused({ payment_method: "card" }), "400 PAYMENT_METHOD");
	t.is(await refused({ chain_id: 8453 }), "400 CHAIN_UNSUPPORTED");
	t.is(await refused({ token: "DAI" }), "400 TOKEN_UNSUPPORTED");
	t.is(await refused({ credits: "500" }), "422");
	t.is(await refused({}, { "X-PAYMENT": "e30=", PAYMENT: "e30=" }), "400 X402_SEVERAL_PAYMENTS");
	t.is(await refused({ transaction_hash: "0x" }, { PAYMENT: "e30=" }), "400 X402_MIXED");
	t.is(await refused({}, { "X-PAYMENT": "not base64" }), "400 X402_PAYMENT_MALFORMED");
	const older = { wallet_address: treasury, credits: 500, payment_method: "x402" };
	t.deepEqual(locs(await purchase(market, older)), ["body.chain_id"]);
	market.variants.chainRequired = false;
	t.is((await purchase(market, older)).status, 402);
});

test("a purchase of credits wants the body of the terms, at most 240 s, the named payer and the accepted terms verbatim", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const body = order(payer.account.address);
	const path = `${api}/credits/purchase`;
	const terms = termsOf(await purchase(market, body));
	const payment = await payer.pay(terms);
	const pay = async (sent: unknown, header: string) => purchase(market, sent, { "X-PAYMENT": header });
	t.is(code(await pay({ ...body, email: "a@b" }, payment)), "400 X402_BODY_MISMATCH");
	t.is(code(await pay(`${JSON.stringify(body)} `, payment)), "400 X402_BODY_MISMATCH");

	const encode = (value: PaymentPayload): string => Buffer.from(JSON.stringify(value)).toString("base64");
	const signed = await payer.sign(terms);
	const changed = { ...signed, accepted: { ...signed.accepted, payTo: signed.accepted.payTo.toLowerCase() } };
	const unmatched = await pay(body, encode(changed));
	t.is(termsOf(unmatched).error, "No matching payment requirements");
	t.is(code(await pay(body, encode({ ...signed, x402Version: 1 }))), "400 X402_PAYMENT_MALFORMED");

	// An offer of 300 s is not to be taken up.
	market.variants.maxTimeoutSeconds = 300;
	const long = termsOf(await purchase(market, body));
	t.is(long.accepts[0]!.maxTimeoutSeconds, 300);
	t.is(termsOf(await pay(body, await payer.pay(long))).error, "invalid_exact_evm_payload_authorization_valid_before");
	market.variants.maxTimeoutSeconds = 240;

	// Somebody else pays: only if the order says who.
	const sponsor = await newPayer(chain);
	t.is(code(await pay(body, await sponsor.pay(terms))), "400 PAYER_MISMATCH");
	const sponsored = { ...body, payer_wallet_address: sponsor.account.address };
	const sponsoredTerms = termsOf(await purchase(market, sponsored));
	t.is(code(await pay(sponsored, await sponsor.pay(sponsoredTerms))), "200 success");
	t.is(market.credits.balance(payer.account.address), 500);

	const poor = await newPayer(chain, 0n);
	const unpaid = order(poor.account.address);
	const wanted = termsOf(await purchase(market, unpaid));
	t.is(termsOf(await pay(unpaid, await poor.pay(wanted))).error, "invalid_exact_evm_insufficient_balance");

	// The work is one at a time.
	market.faults.add(path, { name: "handler-waits", milliseconds: 200 });
	const first = pay(body, payment);
	await new Promise((resolve) => setTimeout(resolve, 100));
	t.is(code(await pay(body, payment)), "409 X402_PAYMENT_IN_PROGRESS");
	t.is(code(await first), "200 success");
	t.is((await chain.transfers(payer.account.address)).length, 1);
});

test("a request_id buys once, whichever payment comes with it, and conflicts with another order", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const body = order(payer.account.address, { request_id: "buy-1" });
	const terms = termsOf(await purchase(market, body));
	const first = await purchase(market, body, { "X-PAYMENT": await payer.pay(terms) });
	t.is(first.body.request_id as string, "buy-1");
	t.deepEqual((await purchase(market, body, { "X-PAYMENT": await payer.pay(terms) })).body, first.body);
	t.deepEqual((await purchase(market, body)).body, first.body);
	t.is(code(await purchase(market, { ...body, credits: 1_000 })), "409 PURCHASE_CONFLICT");
	t.is((await chain.transfers(payer.account.address)).length, 1);
});

test("a settlement that fails is a 402 with a receipt and without terms", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const body = order(payer.account.address);
	const path = `${api}/credits/purchase`;
	const terms = termsOf(await purchase(market, body));
	const payment = await payer.pay(terms);
	market.faults.add(path, { name: "settle-lost", message: "fetch failed" });
	const lost = await purchase(market, body, { "X-PAYMENT": payment });
	t.is(code(lost), "402 X402_SETTLEMENT_FAILED");
	t.is(lost.headers.get("payment-required"), null);
	t.like(decodePaymentResponseHeader(lost.headers.get("payment-response")!), { success: false, transaction: "" });
	t.is((await chain.transfers(payer.account.address)).length, 1);
	const again = await purchase(market, body, { "X-PAYMENT": payment });
	t.is(termsOf(again).error, "invalid_exact_evm_nonce_already_used");
});

test("the terms of a purchase of credits may be in the header or in the body alone", async (t) => {
	const market = await open(t);
	market.variants.terms = "header";
	const header = await purchase(market, order(treasury));
	t.false("accepts" in header.body);
	market.variants.terms = "body";
	const body = await purchase(market, order(treasury));
	t.is(body.headers.get("payment-required"), null);
	t.deepEqual(body.body as unknown, termsOf(header));
});

async function transfer(payer: Payer, value: bigint): Promise<Hex> {
	const hash = await chain.client.writeContract({
		account: payer.account.address,
		address: usdc.address,
		abi: parseAbi(["function transfer(address to, uint256 value) returns (bool)"]),
		functionName: "transfer",
		args: [treasury, value],
		gasPrice: 0n,
	});
	await chain.client.waitForTransactionReceipt({ hash });
	return hash;
}

// Alone: what other tests send would confirm it.
test.serial("the buyer's own transaction is checked on the chain, and grants one pack", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const body = order(payer.account.address);
	const claim = async (transaction_hash: string, more: object = {}) =>
		purchase(market, { ...body, transaction_hash, ...more });
	t.is(code(await claim("0x12")), "400 TRANSACTION_HASH");
	t.is(code(await claim(`0x${"12".repeat(32)}`)), "409 TRANSACTION_UNCONFIRMED");
	t.is(code(await claim(await transfer(payer, 4_999_999n))), "400 TRANSACTION_MISMATCH");
	const hash = await transfer(payer, 5_000_000n);
	t.is(code(await claim(hash, { credits: 1_000 })), "400 TRANSACTION_MISMATCH");
	t.is(code(await claim(hash, { token: "EURC" })), "400 TRANSACTION_MISMATCH");
	t.is(code(await claim(hash, { wallet_address: treasury })), "400 TRANSACTION_MISMATCH");
	market.variants.confirmations = 3n;
	t.is(code(await claim(hash)), "409 TRANSACTION_UNCONFIRMED");
	await chain.client.mine({ blocks: 2 });
	const granted = await claim(hash);
	t.like(granted.body, { credits: 500, balance: 500, transaction_hash: hash });
	t.deepEqual((await claim(hash)).body, granted.body);
	const sponsored = { wallet_address: treasury, payer_wallet_address: payer.account.address };
	t.is(code(await claim(hash, sponsored)), "409 PURCHASE_CONFLICT");
	t.is(market.credits.balance(payer.account.address), 500);
});
