/** The local PayanAgent sells native offers and relays those of other sellers. */
import { decodePaymentRequiredHeader } from "@x402/core/http";
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
	t.is(paid.headers.get("payment-response"), null);
	const transaction = paid.headers.get("x-tx-hash") as Hex;
	const [transfer] = await chain.transfers(payer.account.address);
	t.like(transfer, { to: sellerWallet, value: 10_000n, transactionHash: transaction });

	const { body } = await send(market, "GET", `/api/v1/receipts/${paid.headers.get("x-receipt-id")}`);
	const receipt = body.receipt as { _id: string; signature: string };
	t.like(receipt, {
		settlementType: "direct",
		offerId: "temperature",
		txHash: transaction,
		amountMicroUsd: 10_000,
		amountCents: 1,
		sellerId: market.nativeSeller.id,
	});
	t.true(market.isGenuine({ ...receipt, id: receipt._id }));
	t.false(market.isGenuine({ id: receipt._id, signature: "00" }));

	// After a payment there are no terms: nothing to sign anew.
	const again = await send(market, "POST", path, input, { "PAYMENT-SIGNATURE": payment });
	t.is(said(again), "402 Payment verification failed: invalid_exact_evm_nonce_already_used");
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
	t.is(said(bought), "502 Failed to reach offer endpoint");
	t.is(bought.body.message, "Payment settled but the offer call failed.");
	t.is(bought.body.receiptId, market.receipts.all[0]!.id);
	t.is((await chain.transfers(payer.account.address)).length, 1);
	t.is(market.upstream.requests.length, 0);
});

test("a download offer answers with the file's address", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const bought = await buy(market, payer, "POST", "/x402/dataset", {});
	const { id: receiptId, txHash } = market.receipts.all[0]!;
	t.deepEqual(bought.body, { receiptId, fileUrl: `${market.upstream.url}/files/dataset.csv`, txHash });
	t.is(bought.headers.get("x-receipt-id"), null);
	t.regex(await (await fetch(bought.body.fileUrl as string)).text(), /^time,temperature\n/);
});

test("a native offer passes on whatever its seller answers, with the receipt of the payment", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const broken = await buy(market, payer, "POST", "/x402/broken", {});
	t.is(said(broken), "500 the service does not answer");
	t.is(broken.headers.get("x-tx-hash"), market.receipts.all[0]!.txHash);
	market.faults.add("/x402/sub-cent", { name: "handler-status", status: 503 });
	t.is(said(await buy(market, payer, "GET", "/x402/sub-cent")), "503 the seller answers 503");
	// Who pays for an input that only the seller finds wrong has lost the money.
	const wrong = await buy(market, payer, "POST", "/x402/scrape", { url: "https://a.b", format: "pdf" });
	t.regex(said(wrong), /^400 the input is refused: input.format: expected one of/);
	t.truthy(wrong.headers.get("x-receipt-id"));
	t.is((await chain.transfers(payer.account.address)).length, 3);
	t.is(market.receipts.all.length, 3);
	// The market looks at required members and at types, once there is a payment.
	for (const [input, fault] of [
		[{}, "missing required field: url"],
		[{ url: 1 }, "field 'url' must be of type string"],
	] as const) {
		const refused = await buy(market, payer, "POST", "/x402/scrape", input);
		t.is(said(refused), `400 Invalid input: ${fault}`);
	}
	t.is((await chain.transfers(payer.account.address)).length, 3);
});

test("a native offer refuses a payment that is malformed, too small, for other terms, or does not settle", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const path = "/x402/sub-cent";
	const pay = (payment: string) => send(market, "GET", path, undefined, { "PAYMENT-SIGNATURE": payment });
	const signed = async (): Promise<PaymentPayload> => payer.sign(termsOf(await send(market, "GET", path)));
	t.is(said(await pay("not base64")), "402 Could not read payer wallet from payment");
	t.is((await pay(encode({ ...(await signed()), x402Version: 1 }))).status, 402);
	const payment = await signed();
	const lower = encode({ ...payment, accepted: { ...payment.accepted, payTo: payment.accepted.payTo.toLowerCase() } });
	t.is(said(await pay(lower)), "402 Payment integrity check failed: No matching payment requirements");
	const dear = await payer.pay(termsOf(await send(market, "GET", "/x402/temperature")));
	t.is(said(await pay(dear)), "402 Payment integrity check failed: No matching payment requirements");
	const poor = await newPayer(chain, 0n);
	const unpaid = await buy(market, poor, "GET", path);
	t.is(said(unpaid), "402 Payment verification failed: invalid_exact_evm_insufficient_balance");
	t.is(unpaid.headers.get("payment-required"), null);
	market.faults.add(path, { name: "settle-lost", message: "fetch failed" });
	const lost = await pay(encode(payment));
	t.is(said(lost), "402 Payment settlement failed: fetch failed");
	t.is(lost.headers.get("payment-response"), null);
	t.is(lost.headers.get("payment-required"), null);
	t.is((await chain.transfers(payer.account.address)).length, 1);
	t.is((await send(market, "GET", "/x402/no-offer")).status, 404);
	const broken = { "PAYMENT-SIGNATURE": encode(await signed()) };
	t.is(said(await send(market, "POST", path, "{", broken)), "400 Request body must be valid JSON");
	t.is((await send(market, "PUT", path, {})).status, 404);
});

// ——— the ecosystem ———

const places: readonly (readonly [offer: string, header: string | undefined, body: boolean])[] = [
	["relayed", "payment-required", false],
	["relayed-in-both", "payment-required", true],
	["relayed-in-body", undefined, true],
	["relayed-in-x-header", "x-payment-required", false],
	["relayed-in-challenge", "www-authenticate", false],
];
for (const [offer, header, body] of places) {
	test(`${offer} states the seller's own terms, and its answer names a receipt and no transaction`, async (t) => {
		const market = await open(t);
		const payer = await newPayer(chain);
		const path = `/x402/${offer}`;
		const asked = await send(market, "GET", path);
		t.is(asked.status, 402);
		for (const each of ["payment-required", "x-payment-required", "www-authenticate"])
			t.is(asked.headers.has(each), each === header, each);
		t.is("accepts" in asked.body, body);
		const encoded = header && asked.headers.get(header)!;
		const terms = encoded ? decodePaymentRequiredHeader(encoded) : (asked.body as unknown as PaymentRequired);
		if (body) t.deepEqual(asked.body as unknown, terms);
		t.is(terms.resource.url, `${market.url}/x402/${offer}`);
		t.like(terms.accepts[0], { amount: "10000", payTo });

		const payment = await payer.pay(terms);
		const paid = await send(market, "GET", path, undefined, { "PAYMENT-SIGNATURE": payment });
		t.deepEqual(paid.body, { resource: `/data/${offer}`, temperature: 21.5, unit: "C" });
		t.is(paid.headers.get("x-receipt-id"), market.receipts.all[0]!.id);
		t.is(paid.headers.get("x-tx-hash"), null);
		t.is(paid.headers.get("x-routed-through"), "payanagent");
		const [transfer] = await chain.transfers(payer.account.address);
		t.like(transfer, { to: payTo, value: 10_000n, transactionHash: receiptOf(paid).transaction as Hex });
		t.like(market.receipts.all[0], { subject: offer, txHash: receiptOf(paid).transaction, seller: payTo });
		const again = await send(market, "GET", path, undefined, { "PAYMENT-SIGNATURE": payment });
		t.is(again.status, 402);
		t.is("accepts" in again.body || header !== undefined, true, "a seller's terms come again, with its reason");
		t.is(market.receipts.all.length, 1);
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
	t.like(again, { status: 402, body: { error: "invalid_exact_evm_nonce_already_used" } });
});

test("a relayed offer forwards the body without query and keys, and answers 402 without a payment, even if it is free", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const body = { url: "https://example.com" };
	const echoed = await buy(market, payer, "POST", "/x402/relayed-echo?x=1", body, { Authorization: "Bearer secret" });
	t.is(echoed.body.bytes, JSON.stringify(body).length);
	const [, seen] = market.sellers.v2.requests;
	t.is(seen!.url, "/echo/relayed");
	t.is(seen!.headers.authorization, undefined);
	const free = await send(market, "GET", "/x402/relayed-free");
	t.is(free.status, 402);
	t.true(JSON.stringify(free.body).includes("/free/relayed"), "with what the seller gave for nothing as its body");
	t.is((await chain.transfers(payer.account.address)).length, 1);
	market.sellers.v2.faults.add("/data/relayed", { name: "handler-status", status: 500 });
	t.is((await buy(market, payer, "GET", "/x402/relayed")).status, 500);
	t.is((await chain.transfers(payer.account.address)).length, 1);
	await market.sellers.v2.stop();
	t.is(said(await send(market, "GET", "/x402/relayed")), "502 Failed to reach the offer endpoint");
});

test("the legacy purchase takes an API key, and sells native offers alone", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const { apiKey } = market.newAgent(payer.account.address);
	const headers = { Authorization: `Bearer ${apiKey}` };
	const path = "/api/v1/offers/dataset/buy";
	t.is((await send(market, "POST", path, {})).status, 401);
	t.is((await send(market, "POST", path, {}, { Authorization: "Bearer no" })).status, 401);
	const bought = await buy(market, payer, "POST", path, {}, headers);
	t.deepEqual(Object.keys(bought.body), ["receiptId", "fileUrl", "txHash"]);
	const elsewhere = await send(market, "POST", "/api/v1/offers/relayed/buy", {}, headers);
	t.is(elsewhere.status, 409);
	t.is(said(elsewhere), "409 Buy this offer at /x402/relayed (wallet payment)");
	t.is((await send(market, "POST", "/api/v1/offers/no/buy", {}, headers)).status, 404);
});
