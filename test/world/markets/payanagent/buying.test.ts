/** The local PayanAgent sells native offers and relays those of other sellers. */
import type { PaymentPayload, PaymentRequired } from "@x402/core/types";
import test from "ava";
import type { Address, Hex } from "viem";
import { usdc } from "../../../../tools/world/chain.js";
import { sellerWallet } from "../../../../tools/world/markets/payanagent/catalogue.js";
import { newPayer } from "../../../../tools/world/markets/payanagent/shop/payer.js";
import { payTo } from "../../../../tools/world/resources.js";
import { send } from "../send.js";
import { buy, chain, encode, open, receiptOf, said, termsOf } from "./by_hand.js";

test("a native offer states its terms in the header, and a paid answer names its receipt and its transaction", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const path = "/x402/temperature";
	const input = { place: "Kiel" };
	const asked = await send(market, "POST", path, input);
	t.is(asked.status, 402);
	t.deepEqual(asked.body, { error: "Payment required", priceUsd: 0.01 });
	t.deepEqual(termsOf(asked).accepts, [
		{
			scheme: "exact",
			network: "eip155:84532",
			amount: "10000",
			asset: usdc.address,
			payTo: sellerWallet,
			maxTimeoutSeconds: 60,
			extra: { name: "USDC", version: "2" },
		},
	]);
	t.is(termsOf(asked).resource.url, market.url + path);

	const payment = await payer.pay(termsOf(asked));
	const paid = await send(market, "POST", path, input, { "PAYMENT-SIGNATURE": payment });
	t.deepEqual(paid.body, { place: "Kiel", temperature: 21.5, unit: "C" });
	const { transaction } = receiptOf(paid);
	t.is(paid.headers.get("x-tx-hash"), transaction);
	t.like((await chain.transfers(payer.account.address))[0], { to: sellerWallet, value: 10_000n });

	const receipt = await send(market, "GET", `/api/v1/receipts/${paid.headers.get("x-receipt-id")}`);
	t.like(receipt.body, {
		type: "purchase",
		offerId: "temperature",
		txHash: transaction,
		amountUsd: 0.01,
		amountCents: 1,
		buyerWallet: payer.account.address,
		sellerWallet,
	});
	t.true(market.isGenuine(receipt.body as { id: string; signature: string }));
	t.false(market.isGenuine({ ...(receipt.body as { id: string }), signature: "00" }));

	// After a payment there are no terms: nothing to sign anew.
	const again = await send(market, "POST", path, input, { "PAYMENT-SIGNATURE": payment });
	t.is(said(again), "402 Payment invalid: invalid_exact_evm_nonce_already_used");
	t.is(again.headers.get("payment-required"), null);
	t.is(market.upstream.requests.length, 1);
	t.is(market.seen("/x402/temperature").filter(({ payment }) => payment !== undefined).length, 2);
});

test("a native offer can be bought by POST, can cost less than a cent, and can state its price as text", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const body = { url: "https://example.com", format: "markdown" };
	t.deepEqual((await buy(market, payer, "POST", "/x402/scrape", body)).body, { ...body, content: "# Example" });
	market.variants.priceUsd = "string";
	const asked = await send(market, "GET", "/x402/sub-cent");
	t.is(asked.body.priceUsd, "0.001");
	t.is(termsOf(asked).accepts[0]!.amount, "1000");
	t.is((await buy(market, payer, "GET", "/x402/sub-cent")).status, 200);
});

test("an input for a native offer that is delivered by GET is paid for and fails", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const bought = await buy(market, payer, "POST", "/x402/thermometer", { place: "Kiel" });
	t.is(said(bought), "502 Payment settled but the offer failed: Failed to reach offer endpoint");
	t.is((await chain.transfers(payer.account.address)).length, 1);
	t.is(market.upstream.requests.length, 0);
});

test("a download offer answers with the file's address", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const bought = await buy(market, payer, "POST", "/x402/dataset", {});
	t.deepEqual(bought.body, {
		receiptId: bought.headers.get("x-receipt-id"),
		fileUrl: `${market.upstream.url}/files/dataset.csv`,
		txHash: bought.headers.get("x-tx-hash"),
	});
	t.regex(await (await fetch(bought.body.fileUrl as string)).text(), /^time,temperature\n/);
});

test("a native offer that is paid and not delivered answers 502 with a receipt, whatever the reason", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const broken = await buy(market, payer, "POST", "/x402/broken", {});
	t.is(said(broken), "502 Payment settled but the seller answered 500");
	t.is(broken.body.txHash, receiptOf(broken).transaction);
	market.faults.add("/x402/sub-cent", { name: "handler-status", status: 503 });
	t.is(said(await buy(market, payer, "GET", "/x402/sub-cent")), "502 Payment settled but the seller answered 503");
	// Who pays for an input that is not as the schema says has lost the money.
	const wrong = await buy(market, payer, "POST", "/x402/scrape", { url: "https://a.b", format: "pdf" });
	t.regex(said(wrong), /^502 Payment settled but the seller refused the input: input.format: expected one of/);
	t.is((await chain.transfers(payer.account.address)).length, 3);
	t.is(market.receipts.all.length, 3);
	market.variants.inputCheckedBy = "market";
	t.is(said(await send(market, "POST", "/x402/scrape", {})), "400 Invalid input: input: url is missing");
});

test("a native offer refuses a payment that is malformed, too small, for other terms, or does not settle", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const path = "/x402/sub-cent";
	const pay = (payment: string) => send(market, "GET", path, undefined, { "PAYMENT-SIGNATURE": payment });
	const signed = async (): Promise<PaymentPayload> => payer.sign(termsOf(await send(market, "GET", path)));
	t.is((await pay("not base64")).status, 400);
	t.is((await pay(encode({ ...(await signed()), x402Version: 1 }))).status, 400);
	const payment = await signed();
	const lower = encode({ ...payment, accepted: { ...payment.accepted, payTo: payment.accepted.payTo.toLowerCase() } });
	t.is(said(await pay(lower)), "402 Payment invalid: No matching payment requirements");
	const dear = await payer.pay(termsOf(await send(market, "GET", "/x402/temperature")));
	t.is(said(await pay(dear)), "402 Payment invalid: No matching payment requirements");
	const poor = await newPayer(chain, 0n);
	const unpaid = await buy(market, poor, "GET", path);
	t.is(said(unpaid), "402 Payment invalid: invalid_exact_evm_insufficient_balance");
	t.is(unpaid.headers.get("payment-required"), null);
	market.faults.add(path, { name: "settle-lost", message: "fetch failed" });
	const lost = await pay(encode(payment));
	t.is(said(lost), "402 Payment failed: fetch failed");
	t.like(receiptOf(lost), { success: false, transaction: "" });
	t.is(lost.headers.get("payment-required"), null);
	t.is((await chain.transfers(payer.account.address)).length, 1);
	t.is((await send(market, "GET", "/x402/no-offer")).status, 404);
	t.is((await send(market, "POST", path, "[]")).status, 400);
	t.is((await send(market, "PUT", path, {})).status, 404);
});

// ——— the ecosystem ———

const places: readonly (readonly [offer: string, header: boolean, body: boolean])[] = [
	["relayed", true, false],
	["relayed-in-both", true, true],
	["relayed-in-body", false, true],
];
for (const [offer, header, body] of places) {
	test(`${offer} states the seller's own terms, and its answer names neither receipt nor transaction`, async (t) => {
		const market = await open(t);
		const payer = await newPayer(chain);
		const path = `/x402/${offer}`;
		const asked = await send(market, "GET", path);
		t.is(asked.status, 402);
		t.is(asked.headers.has("payment-required"), header);
		t.is("accepts" in asked.body, body);
		const terms = header ? termsOf(asked) : (asked.body as unknown as PaymentRequired);
		if (body) t.deepEqual(asked.body as unknown, terms);
		t.is(terms.resource.url, `${market.sellers.v2.url}/data/${offer}`);
		t.like(terms.accepts[0], { amount: "10000", payTo });

		const payment = await payer.pay(terms);
		const paid = await send(market, "GET", path, undefined, { "PAYMENT-SIGNATURE": payment });
		t.deepEqual(paid.body, { resource: `/data/${offer}`, temperature: 21.5, unit: "C" });
		t.is(paid.headers.get("x-receipt-id"), null);
		t.is(paid.headers.get("x-tx-hash"), null);
		const [transfer] = await chain.transfers(payer.account.address);
		t.like(transfer, { to: payTo, value: 10_000n, transactionHash: receiptOf(paid).transaction as Hex });
		t.like(market.receipts.all[0], { subject: offer, txHash: receiptOf(paid).transaction, seller: payTo });
		const again = await send(market, "GET", path, undefined, { "PAYMENT-SIGNATURE": payment });
		t.is(said(again), "402 Payment invalid: invalid_exact_evm_nonce_already_used");
		t.is(again.headers.get("payment-required"), null);
		t.false("accepts" in again.body);
	});
}

test("relayed-v1 has its terms in the body, takes X-PAYMENT and answers X-PAYMENT-RESPONSE", async (t) => {
	const market = await open(t);
	const { account } = await newPayer(chain);
	const asked = await send(market, "GET", "/x402/relayed-v1");
	t.is(asked.body.x402Version, 1);
	const [entry] = asked.body.accepts as [Record<string, string>];
	const now = Math.floor(Date.now() / 1000);
	const authorization = {
		from: account.address,
		to: entry.payTo as Address,
		value: entry.maxAmountRequired!,
		validAfter: "0",
		validBefore: String(now + 60),
		nonce: `0x${"07".repeat(32)}` as Hex,
	};
	const signature = await account.signTypedData({
		domain: { name: "USDC", version: "2", chainId: 84532, verifyingContract: usdc.address },
		types: {
			TransferWithAuthorization: [
				{ name: "from", type: "address" },
				{ name: "to", type: "address" },
				{ name: "value", type: "uint256" },
				{ name: "validAfter", type: "uint256" },
				{ name: "validBefore", type: "uint256" },
				{ name: "nonce", type: "bytes32" },
			],
		},
		primaryType: "TransferWithAuthorization",
		message: { ...authorization, value: 10_000n, validAfter: 0n, validBefore: BigInt(authorization.validBefore) },
	});
	const { scheme, network } = entry;
	const payment = encode({ x402Version: 1, scheme, network, payload: { signature, authorization } });
	const paid = await send(market, "GET", "/x402/relayed-v1", undefined, { "X-PAYMENT": payment });
	t.is(paid.body.resource, "/data/relayed-v1");
	t.true(paid.headers.has("x-payment-response"));
	t.is(market.receipts.all.length, 1);
	const again = await send(market, "GET", "/x402/relayed-v1", undefined, { "X-PAYMENT": payment });
	t.is(said(again), "402 Payment invalid: invalid_exact_evm_nonce_already_used");
	t.false("accepts" in again.body);
	t.is((await send(market, "GET", "/x402/relayed-v1", undefined, { "X-PAYMENT": "e30=" })).status, 400);
});

test("a relayed offer forwards the body without query and keys, may be free, and checks the input before it settles", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const body = { url: "https://example.com" };
	const echoed = await buy(market, payer, "POST", "/x402/relayed-echo?x=1", body, { Authorization: "Bearer secret" });
	t.is(echoed.body.bytes, JSON.stringify(body).length);
	const [, seen] = market.sellers.v2.requests;
	t.is(seen!.url, "/echo/relayed");
	t.is(seen!.headers.authorization, undefined);
	t.is((await send(market, "GET", "/x402/relayed-free")).status, 200);
	t.regex(said(await buy(market, payer, "POST", "/x402/relayed-echo", {})), /^400 Invalid input/);
	t.is((await chain.transfers(payer.account.address)).length, 1);
	market.sellers.v2.faults.add("/data/relayed", { name: "handler-status", status: 500 });
	t.is((await buy(market, payer, "GET", "/x402/relayed")).status, 500);
	t.is((await chain.transfers(payer.account.address)).length, 1);
	await market.sellers.v2.stop();
	t.regex(said(await send(market, "GET", "/x402/relayed")), /^502 The seller does not answer/);
});

test("the legacy purchase takes an API key, and sells native offers alone", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const { apiKey } = market.newAgent(payer.account.address);
	const headers = { Authorization: `Bearer ${apiKey}` };
	const path = "/api/v1/offers/dataset/buy";
	t.is(said(await send(market, "POST", path, {})), "401 API key required");
	t.is(said(await send(market, "POST", path, {}, { Authorization: "Bearer no" })), "401 Invalid API key");
	const bought = await buy(market, payer, "POST", path, {}, headers);
	t.deepEqual(Object.keys(bought.body), ["receiptId", "fileUrl", "txHash"]);
	const elsewhere = await send(market, "POST", "/api/v1/offers/relayed/buy", {}, headers);
	t.is(elsewhere.status, 409);
	t.is(elsewhere.body.buyUrl, "/x402/relayed");
	t.is((await send(market, "POST", "/api/v1/offers/no/buy", {}, headers)).status, 404);
});
