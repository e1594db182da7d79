/** The local PayanAgent, driven with fetch, viem and the official client: every operation, and every refusal. */
import { decodePaymentRequiredHeader, decodePaymentResponseHeader } from "@x402/core/http";
import type { PaymentPayload, PaymentRequired } from "@x402/core/types";
import test, { type ExecutionContext } from "ava";
import type { Address, Hex } from "viem";
import { type Chain, newSender, startChain, usdc } from "../../tools/world/chain.js";
import { sellerWallet } from "../../tools/world/markets/payanagent/catalogue.js";
import { operations } from "../../tools/world/markets/payanagent/discovery.js";
import { faultsOf, type InputSchema } from "../../tools/world/markets/payanagent/input_schema.js";
import { type PayanAgent, startPayanAgent } from "../../tools/world/markets/payanagent/market.js";
import { newPayer, type Payer } from "../../tools/world/markets/payanagent/shop/payer.js";
import { payTo } from "../../tools/world/resources.js";

let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

/** A market; without its limit for public requests, unless it is what the test is about. */
async function open(t: ExecutionContext, limited = false): Promise<PayanAgent> {
	const market = await startPayanAgent(chain);
	if (!limited) market.limits.public = Number.POSITIVE_INFINITY;
	t.teardown(market.stop);
	return market;
}

interface Answer {
	readonly status: number;
	readonly body: Readonly<Record<string, unknown>>;
	readonly headers: Headers;
}

async function send(
	market: PayanAgent,
	method: string,
	path: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
	const json = body === undefined ? {} : { "Content-Type": "application/json" };
	const response = await fetch(market.url + path, {
		method,
		headers: { ...json, ...headers },
		...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
	});
	const answered = await response.text();
	return {
		status: response.status,
		body: answered.startsWith("{") ? (JSON.parse(answered) as Answer["body"]) : { text: answered },
		headers: response.headers,
	};
}

const said = ({ status, body }: Answer): string => `${status} ${body.error ?? ""}`.trim();
const termsOf = ({ headers }: Answer): PaymentRequired => decodePaymentRequiredHeader(headers.get("payment-required")!);
const receiptOf = ({ headers }: Answer) => decodePaymentResponseHeader(headers.get("payment-response")!);
const encode = (payment: unknown): string => Buffer.from(JSON.stringify(payment)).toString("base64");

/** Asks, pays what is asked, and sends the same again with the payment. */
async function buy(
	market: PayanAgent,
	payer: Payer,
	method: string,
	path: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
	const asked = await send(market, method, path, body, headers);
	const payment = await payer.pay(termsOf(asked));
	return send(market, method, path, body, { ...headers, "PAYMENT-SIGNATURE": payment });
}

// ——— native offers ———

test("native: the terms in the header alone, the price in the body; paid, with receipt id and hash", async (t) => {
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

test("native: POST with a body; a price below a cent; prices as text", async (t) => {
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

test("native: an input for an offer that is delivered by GET is paid for, and fails", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const bought = await buy(market, payer, "POST", "/x402/thermometer", { place: "Kiel" });
	t.is(said(bought), "502 Payment settled but the offer failed: Failed to reach offer endpoint");
	t.is((await chain.transfers(payer.account.address)).length, 1);
	t.is(market.upstream.requests.length, 0);
});

test("native: a download answers with where the file is", async (t) => {
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

test("native: paid and not delivered is a 502, whatever the reason, and a receipt", async (t) => {
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

test("native: what is not a payment, not enough, not for these terms, or does not settle", async (t) => {
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
	test(`${offer}: the seller's own terms, and neither receipt id nor hash`, async (t) => {
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

test("relayed-v1: terms in the body, payment in X-PAYMENT, receipt in X-PAYMENT-RESPONSE", async (t) => {
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

test("relayed: bodies go through, queries and keys do not; free ones are free; an input is checked before settling", async (t) => {
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

test("the legacy buy: with a key, native offers alone", async (t) => {
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

// ——— agents, receipts ———

test("agents: registered, shown, changed by themselves alone; their receipts by side", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const profile = { name: "Buoy", walletAddress: payer.account.address, chain: "base", ownerEmail: "a@example.com" };
	const made = await send(market, "POST", "/api/v1/agents", { ...profile, tags: ["sea"], providerType: "api" });
	t.is(made.status, 201);
	const { agentId, apiKey, apiKeyPrefix } = made.body as Record<string, string>;
	t.true(apiKey!.startsWith(apiKeyPrefix!) && market.secrets().includes(apiKey!));
	const shown = await send(market, "GET", `/api/v1/agents/${agentId}`);
	t.like(shown.body, { id: agentId, name: "Buoy", walletAddress: payer.account.address });
	t.false(/example.com|pa_/.test(JSON.stringify(shown.body)));
	t.is((await send(market, "GET", "/api/v1/agents/no")).status, 404);

	const key = { Authorization: `Bearer ${apiKey}` };
	const patch = (id: string, body: object, headers = {}) =>
		send(market, "PATCH", `/api/v1/agents/${id}`, body, headers);
	t.is((await patch(agentId!, { description: "Floats" }, key)).body.description, "Floats");
	t.is((await patch(agentId!, { name: "Buoy 2" })).status, 401);
	t.is((await patch(market.nativeSeller.id, { name: "Mine" }, key)).status, 403);
	const wrong: readonly (readonly [object, string])[] = [
		[{ name: "x" }, "400 Missing: walletAddress, chain"],
		[{ ...profile, walletAddress: "0x12" }, "400 Invalid walletAddress"],
		[{ ...profile, chain: "solana" }, "400 Invalid chain"],
		[{ ...profile, providerType: "bot" }, "400 Invalid providerType"],
		[{ ...profile, extra: 1 }, "400 Unknown field: extra"],
		[[], "400 Expected a JSON object"],
	];
	for (const [body, refusal] of wrong) t.is(said(await send(market, "POST", "/api/v1/agents", body)), refusal);

	await buy(market, payer, "GET", "/x402/sub-cent");
	await buy(market, payer, "POST", "/x402/temperature", { place: "Kiel" });
	const receipts = async (id: string, query = "") =>
		(await send(market, "GET", `/api/v1/agents/${id}/receipts${query}`)).body;
	const mine = await receipts(agentId!);
	t.deepEqual(
		(mine.receipts as { offerId: string }[]).map(({ offerId }) => offerId),
		["temperature", "sub-cent"],
	);
	t.deepEqual(mine.stats, { trustScore: 0, sales: 0, purchases: 2, earnedUsd: "0", spentUsd: "0.011" });
	t.deepEqual((await receipts(agentId!, "?side=seller")).receipts, []);
	const theirs = await receipts(market.nativeSeller.id, "?side=seller&limit=1");
	t.is((theirs.receipts as unknown[]).length, 1);
	t.like(theirs.stats, { trustScore: 2, sales: 2, earnedUsd: "0.011" });
	t.is((await send(market, "GET", `/api/v1/agents/${agentId}/receipts?side=left`)).status, 400);
});

test("receipts: a feed, newest first; one, with a signature, bare or wrapped", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	for (const path of ["/x402/sub-cent", "/x402/relayed", "/x402/sub-cent?n=2"]) await buy(market, payer, "GET", path);
	const { receipts } = (await send(market, "GET", "/api/v1/receipts?limit=2")).body as { receipts: Receipt[] };
	t.deepEqual(
		receipts.map(({ offerId }) => offerId),
		["sub-cent", "relayed"],
	);
	t.true(receipts.every((receipt) => market.isGenuine(receipt)));
	market.variants.single = "wrapped";
	const one = await send(market, "GET", `/api/v1/receipts/${receipts[0]!.id}`);
	t.deepEqual(one.body as unknown, { receipt: receipts[0] });
	t.is((await send(market, "GET", "/api/v1/receipts/no")).status, 404);
	t.is((await send(market, "GET", "/api/v1/receipts?limit=0")).status, 400);
});

interface Receipt {
	readonly id: string;
	readonly offerId: string;
	readonly signature: string;
}

// ——— offers ———

interface Listed {
	readonly id: string;
	readonly priceUsd: number;
	readonly priceCents: number;
	readonly buyUrl: string;
}

test("offers: every page by its cursor, once each, in each order", async (t) => {
	const market = await open(t);
	for (const sort of ["top", "price", "new"]) {
		const offers: Listed[] = [];
		let cursor = "";
		do {
			const { body } = await send(market, "GET", `/api/v1/offers?sort=${sort}&limit=25${cursor}`);
			offers.push(...(body.offers as Listed[]));
			cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
		} while (cursor !== "");
		t.is(new Set(offers.map(({ id }) => id)).size, market.offers.all.length);
		t.is(offers.length, market.offers.all.length);
		t.true(offers.every(({ id, buyUrl }) => buyUrl === `/x402/${id}`));
		if (sort === "price") t.true(offers.every(({ priceUsd }, index) => priceUsd >= (offers[index - 1]?.priceUsd ?? 0)));
		if (sort === "new") t.is(offers[0]!.id, "gauge-49");
	}
	const payer = await newPayer(chain);
	await buy(market, payer, "GET", "/x402/gauge-3");
	const [top] = (await send(market, "GET", "/api/v1/offers")).body.offers as Listed[];
	t.like(top, { id: "gauge-3", priceUsd: 0.0016, priceCents: 0 });

	const ids = async (query: string) =>
		((await send(market, "GET", `/api/v1/offers?${query}`)).body.offers as Listed[]).map(({ id }) => id);
	t.deepEqual(await ids("q=SUB-cent"), ["sub-cent"]);
	t.deepEqual(await ids("offerType=download"), ["dataset"]);
	t.deepEqual(await ids("category=tools"), ["broken"]);
	t.is((await ids("category=gauges&limit=100")).length, 50);
	for (const query of ["sort=best", "limit=x", "cursor=%40", "offerType=x"])
		t.is((await send(market, "GET", `/api/v1/offers?${query}`)).status, 400, query);
	const { nextCursor } = (await send(market, "GET", "/api/v1/offers?sort=new")).body;
	t.is(said(await send(market, "GET", `/api/v1/offers?sort=price&cursor=${nextCursor}`)), "400 Invalid cursor");
});

test("offers: one in full, with its schema and reputation, and without the secrets of its endpoint", async (t) => {
	const market = await open(t);
	const { body } = await send(market, "GET", "/api/v1/offers/temperature");
	t.like(body, { priceUsd: 0.01, priceCents: 1, source: "native", httpMethod: "POST", offerType: "api" });
	t.like(body, { inputSchema: { required: ["place"] }, seller: { name: "Sensor Works", trustScore: 0 } });
	t.is(body.endpoint, `${market.upstream.url}/temperature?api_key=REDACTED&unit=C`);
	t.like((await send(market, "GET", "/api/v1/offers/relayed")).body, { source: "ecosystem", inputSchema: null });
	const download = await send(market, "GET", "/api/v1/offers/dataset");
	t.false("fileUrl" in download.body);
	t.is((await send(market, "GET", "/api/v1/offers/no")).status, 404);
});

test("offers: created, sold, changed and deleted by their seller alone", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const wallet = newSender();
	const key = { Authorization: `Bearer ${market.newAgent(wallet).apiKey}` };
	const other = { Authorization: `Bearer ${market.newAgent(payer.account.address).apiKey}` };
	const offer = {
		title: "Tide",
		description: "The tide",
		category: "data",
		tags: ["sea"],
		priceCents: 50,
		offerType: "api",
		endpoint: `${market.upstream.url}/temperature`,
		httpMethod: "GET",
	};
	const create = (body: object, headers: Record<string, string> = key) =>
		send(market, "POST", "/api/v1/offers", body, headers);
	t.is((await create(offer, {})).status, 401);
	t.is(said(await create({ ...offer, priceCents: 0.5 })), "400 Invalid priceCents");
	t.is(said(await create({ title: "x" })), "400 Missing: description, category, priceCents, offerType");
	t.is((await create({ ...offer, offerType: "download" })).status, 400);
	t.is((await create({ ...offer, endpoint: "nowhere" })).status, 400);
	const made = await create(offer);
	t.is(made.status, 201);
	const path = `/api/v1/offers/${made.body.offerId}`;
	t.is((await buy(market, payer, "GET", `/x402/${made.body.offerId}`)).status, 200);
	t.is(await chain.balanceOf(wallet), 500_000n);

	t.is((await send(market, "PATCH", path, { priceCents: 60 }, other)).status, 403);
	t.is((await send(market, "PATCH", path, { priceCents: 60 })).status, 401);
	t.is((await send(market, "PATCH", path, { fileUrl: "https://a.b/c" }, key)).status, 400);
	t.is((await send(market, "PATCH", path, { priceCents: 60 }, key)).body.priceUsd, 0.6);
	t.is((await send(market, "DELETE", path, undefined, other)).status, 403);
	t.is((await send(market, "DELETE", path, undefined, key)).status, 200);
	t.is((await send(market, "GET", path)).status, 404);
	t.is((await send(market, "GET", `/x402/${made.body.offerId}`)).status, 404);
});

// ——— requests ———

/** A buyer, a provider and someone else, each with a key. */
async function people(market: PayanAgent) {
	const payer = await newPayer(chain);
	const wallet = newSender();
	const [buyer, provider, other] = [
		market.newAgent(payer.account.address),
		market.newAgent(wallet),
		market.newAgent(newSender()),
	];
	const as = (apiKey: string) => ({ Authorization: `Bearer ${apiKey}` });
	return {
		payer,
		wallet,
		providerId: provider.id,
		buyer: as(buyer.apiKey),
		provider: as(provider.apiKey),
		other: as(other.apiKey),
	};
}

const wanted = { title: "Survey", description: "Survey the harbour", budgetMaxCents: 2_000 };
const base = "/api/v1/requests";

test("requests without escrow: bid, accept, fulfil, and pay the provider on approval", async (t) => {
	const market = await open(t);
	const { payer, wallet, buyer, provider, other } = await people(market);
	const post = (path: string, body: object, who: Record<string, string> = {}) =>
		send(market, "POST", base + path, body, who);
	t.is((await post("", wanted)).status, 401);
	t.is(said(await post("", { title: "x" }, buyer)), "400 Missing: description, budgetMaxCents");
	t.is(
		said(await post("", { ...wanted, providerId: "agent-1" }, buyer)),
		"400 providerId and agreedPriceCents go together",
	);
	const made = await post("", { ...wanted, inputPayload: "north side" }, buyer);
	t.is(made.status, 201);
	const path = `/${made.body.requestId}`;
	t.like((await send(market, "GET", `${base}?status=open&q=survey&limit=5`)).body, {
		requests: [{ title: "Survey", status: "open" }],
	});

	const bid = { priceCents: 1_500, estimatedDurationSeconds: 1_800, message: "soon" };
	t.is((await post(`${path}/bid`, bid)).status, 401);
	t.is((await post(`${path}/bid`, bid, buyer)).status, 403);
	t.is((await post(`${path}/bid`, { priceCents: 2_001 }, provider)).status, 400);
	const { bidId } = (await post(`${path}/bid`, bid, provider)).body;
	t.is((await post(`${path}/accept`, { bidId }, other)).status, 403);
	t.is((await post(`${path}/accept`, { bidId: "no" }, buyer)).status, 404);
	t.is((await post(`${path}/accept`, { bidId }, buyer)).status, 200);
	t.is(said(await post(`${path}/accept`, { bidId }, buyer)), "409 The request is in_progress");
	t.is((await post(`${path}/approve`, {}, buyer)).status, 409);
	t.is((await post(`${path}/fulfill`, { outputPayload: "done" }, other)).status, 403);
	t.is((await post(`${path}/fulfill`, {}, provider)).status, 400);
	t.is((await post(`${path}/fulfill`, { outputPayload: "done" }, provider)).status, 200);
	const one = (who = {}) => send(market, "GET", base + path, undefined, who);
	t.like((await one()).body, {
		request: { outputPayload: "done", status: "fulfilled" },
		bids: [{ status: "accepted" }],
	});
	market.variants.outputPayload = "parties";
	t.like((await one()).body, { request: { outputPayload: null } });
	t.like((await one(buyer)).body, { request: { outputPayload: "done" } });

	const asked = await post(`${path}/approve`, {}, buyer);
	t.is(asked.status, 402);
	t.like(termsOf(asked).accepts[0], { amount: "15000000", payTo: wallet });
	const payment = { ...buyer, "PAYMENT-SIGNATURE": await payer.pay(termsOf(asked)) };
	market.faults.add(`${base}${path}/approve`, { name: "handler-waits", milliseconds: 200 });
	const first = post(`${path}/approve`, {}, payment);
	await new Promise((resolve) => setTimeout(resolve, 100));
	t.is(said(await post(`${path}/approve`, {}, payment)), "409 The request is settling");
	const approved = await first;
	t.is(approved.status, 200);
	t.is(await chain.balanceOf(wallet), 15_000_000n);
	t.like((await send(market, "GET", `/api/v1/receipts/${approved.body.receiptId}`)).body, {
		type: "direct",
		requestId: made.body.requestId,
		txHash: approved.body.txHash,
	});
	t.is(said(await post(`${path}/approve`, {}, payment)), "409 The request is approved");
	t.is((await send(market, "GET", `${base}/no`)).status, 404);
	t.deepEqual((await send(market, "GET", base)).body.requests, []);
});

test("requests in escrow: the budget is held; on approval the provider gets the price, the buyer the rest", async (t) => {
	const market = await open(t);
	const { payer, wallet, buyer, provider } = await people(market);
	const asked = await send(market, "POST", base, { ...wanted, escrow: true }, buyer);
	t.is(asked.status, 402);
	t.like(termsOf(asked).accepts[0], { amount: "20000000", payTo: market.escrow });
	const payment = { ...buyer, "PAYMENT-SIGNATURE": await payer.pay(termsOf(asked)) };
	const made = await send(market, "POST", base, { ...wanted, escrow: true }, payment);
	t.is(await chain.balanceOf(market.escrow), 20_000_000n);
	// It is not idempotent: the same again is a payment that was used.
	t.is((await send(market, "POST", base, { ...wanted, escrow: true }, payment)).status, 402);
	t.is(market.requestsOfBuyers.length, 1);

	const post = (operation: string, body: object, who: Record<string, string>) =>
		send(market, "POST", `${base}/${made.body.requestId}/${operation}`, body, who);
	const { bidId } = (await post("bid", { priceCents: 1_500 }, provider)).body;
	await post("accept", { bidId }, buyer);
	await post("fulfill", { outputPayload: "done" }, provider);
	t.is((await post("cancel", { reason: "no" }, buyer)).status, 403);
	const approved = await post("approve", {}, buyer);
	t.is(approved.status, 200);
	t.is(await chain.balanceOf(wallet), 15_000_000n);
	t.is(await chain.balanceOf(payer.account.address), 85_000_000n);
	t.is(await chain.balanceOf(market.escrow), 0n);
	t.like(market.receipts.all[0], { type: "escrow_release", txHash: approved.body.txHash });
	t.is((await post("cancel", {}, buyer)).status, 409);
});

test("requests: a direct hire in escrow; cancelled it is refunded, after a delivery only from the 7th day", async (t) => {
	const market = await open(t);
	const { payer, buyer, provider, providerId, other } = await people(market);
	const hire = { ...wanted, escrow: true, providerId, agreedPriceCents: 700 };
	const made = await buy(market, payer, "POST", base, hire, buyer);
	t.like(made.body, { request: { status: "in_progress", agreedPriceCents: 700, escrow: true } });
	t.is(await chain.balanceOf(market.escrow), 7_000_000n);
	const post = (operation: string, body: object, who: Record<string, string>) =>
		send(market, "POST", `${base}/${made.body.requestId}/${operation}`, body, who);
	t.is((await post("bid", { priceCents: 1 }, other)).status, 409);
	await post("fulfill", { outputPayload: "done" }, provider);
	t.is((await post("cancel", {}, buyer)).status, 403);
	market.clock.advance(7 * 86_400);
	t.is((await post("cancel", {}, other)).status, 403);
	market.faults.add(
		`${base}/${made.body.requestId}/cancel`,
		{ name: "handler-waits", milliseconds: 200 },
		{ on: "any" },
	);
	const first = post("cancel", { reason: "wrong harbour" }, buyer);
	await new Promise((resolve) => setTimeout(resolve, 100));
	t.is(said(await post("approve", {}, buyer)), "409 The request is settling");
	const cancelled = await first;
	t.like(cancelled.body, { request: { status: "cancelled", cancelReason: "wrong harbour" }, refundedCents: 700 });
	t.is(await chain.balanceOf(payer.account.address), 100_000_000n);
	t.like(market.receipts.all[0], { type: "escrow_refund", txHash: cancelled.body.txHash });

	const open_ = await send(market, "POST", base, wanted, buyer);
	const free = await send(market, "POST", `${base}/${open_.body.requestId}/cancel`, {}, buyer);
	t.is(free.status, 200);
	t.is(market.receipts.all.length, 1);
	t.is(said(await send(market, "POST", base, { ...hire, providerId: "no" }, buyer)), "404 Agent not found");
});

// ——— finding things ———

test("discover: agents, offers and open requests at once", async (t) => {
	const market = await open(t);
	const { buyer } = await people(market);
	await send(market, "POST", base, { ...wanted, title: "Sensor survey" }, buyer);
	const discover = async (query: string) => (await send(market, "GET", `/api/v1/discover?${query}`)).body;
	const found = await discover("q=sensor");
	t.like(found, {
		agents: [{ name: "Sensor Works" }],
		offers: [{ id: "temperature", buyUrl: "/x402/temperature", priceUsd: 0.01 }],
		openRequests: [{ title: "Sensor survey" }],
	});
	const ids = ({ offers }: Answer["body"]) => (offers as Listed[]).map(({ id }) => id);
	t.deepEqual(ids(await discover("q=sensor&maxPriceCents=1")), ["temperature", "thermometer", "sub-cent"]);
	t.deepEqual(ids(await discover("category=tools")), ["broken"]);
	t.deepEqual(ids(await discover("offerType=download")), ["dataset"]);
	t.is(ids(await discover("limit=3")).length, 3);
	t.is((await send(market, "GET", "/api/v1/discover?maxPriceCents=x")).status, 400);
});

test("the documents: /.well-known/x402 has every offer, /openapi.json every operation, and each is there", async (t) => {
	const market = await open(t);
	const { resources } = (await send(market, "GET", "/.well-known/x402")).body as { resources: string[] };
	t.is(resources.length, market.offers.all.length);
	t.is((await fetch(resources[0]!)).status, 402);
	const { openapi, paths } = (await send(market, "GET", "/openapi.json")).body as { openapi: string; paths: object };
	t.is(openapi, "3.1.0");
	const listed = Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods as object).map((method) => `${method} ${path}`),
	);
	t.deepEqual(listed.sort(), [...operations].sort());
	for (const operation of operations) {
		const [method, path] = operation.split(" ") as [string, string];
		const answered = await send(market, method.toUpperCase(), path.replace(/\{\w+\}/, "no"));
		t.not(said(answered), "404 Not found", operation);
	}
});

const schemas: readonly (readonly [InputSchema, unknown, string[]])[] = [
	[{}, null, []],
	[{ type: "object", required: ["a"] }, {}, ["input: a is missing"]],
	[{ type: "object" }, [], ["input: expected object, got array"]],
	[{ properties: { a: { type: "integer" } } }, { a: 1.5 }, ["input.a: expected integer, got number"]],
	[{ properties: { a: { minimum: 1, maximum: 3 } } }, { a: 4 }, ["input.a: out of bounds"]],
	[{ additionalProperties: false, properties: { a: {} } }, { a: 1, b: 2 }, ["input: b is not known"]],
	[{ type: "array", items: { enum: ["x"] } }, ["x", "y"], ["input.1: expected one of x"]],
	[{ type: "string", minLength: 2, maxLength: 2 }, "😀😀", []],
	[{ type: "string", maxLength: 1 }, "ab", ["input: length out of bounds"]],
	[{ type: "number" }, "1", ["input: expected number, got string"]],
];
for (const [schema, value, faults] of schemas) {
	test(`input ${JSON.stringify(value)} against ${JSON.stringify(schema)}`, (t) => {
		t.deepEqual(faultsOf(schema, value), faults);
	});
}

// ——— limits and trouble ———

test("limits: 30 public requests a minute, 5 registrations an hour; Retry-After says when", async (t) => {
	const market = await open(t, true);
	const get = () => send(market, "GET", "/api/v1/receipts");
	for (let count = 0; count < 30; count++) t.is((await get()).status, 200);
	const refused = await get();
	t.is(said(refused), "429 Rate limit exceeded");
	const wait = Number(refused.headers.get("retry-after"));
	t.true(wait > 0 && wait <= 60);
	t.is((await send(market, "GET", "/x402/sub-cent")).status, 429);
	t.is((await send(market, "GET", "/x402/relayed")).status, 429);
	const { apiKey } = market.newAgent(newSender());
	t.is((await send(market, "POST", base, wanted, { Authorization: `Bearer ${apiKey}` })).status, 201);
	market.clock.advance(wait);
	t.is((await get()).status, 200);
	market.limits.public = 0;
	market.limits.retryAfter = false;
	t.is((await get()).headers.get("retry-after"), null);

	market.limits.public = Number.POSITIVE_INFINITY;
	const register = () =>
		send(market, "POST", "/api/v1/agents", { name: "x", walletAddress: newSender(), chain: "base" });
	for (let count = 0; count < 5; count++) t.is((await register()).status, 201);
	t.is((await register()).status, 429);
	market.clock.advance(3_600);
	t.is((await register()).status, 201);
});

test("limits: paid requests a minute and wallet; what is refused is not settled", async (t) => {
	const market = await open(t);
	market.limits.paid = 1;
	const payer = await newPayer(chain);
	t.is((await buy(market, payer, "GET", "/x402/sub-cent")).status, 200);
	t.is((await buy(market, payer, "GET", "/x402/relayed")).status, 429);
	t.is((await buy(market, payer, "GET", "/x402/sub-cent")).status, 429);
	t.is((await chain.transfers(payer.account.address)).length, 1);
	t.is((await buy(market, await newPayer(chain), "GET", "/x402/sub-cent")).status, 200);
	market.clock.advance(60);
	t.is((await buy(market, payer, "GET", "/x402/sub-cent")).status, 200);
});

test("any request can be answered with any error, late, twice, cut, or not at all", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const path = "/x402/sub-cent";
	const pay = async () => buy(market, payer, "GET", path);
	const paid = { when: ({ headers }: { headers: object }) => "payment-signature" in headers };
	market.script.next(
		path,
		{ name: "answer", status: 503, headers: { "Retry-After": "2" }, body: { error: "Busy" } },
		paid,
	);
	t.is((await pay()).headers.get("retry-after"), "2");
	t.is(market.upstream.requests.length, 0);
	market.script.next(path, { name: "answer", status: 502, body: { error: "Bad gateway" }, at: "answer" }, paid);
	t.is(said(await pay()), "502 Bad gateway");
	t.is(market.upstream.requests.length, 1);
	for (const at of ["answer", "headers", "body"] as const) {
		market.script.next(path, { name: "wire", at, does: "reset" }, paid);
		await t.throwsAsync(pay());
	}
	market.script.next(path, { name: "twice" }, paid);
	t.is((await pay()).status, 200);
	market.script.next(path, { name: "wire", at: "answer", does: { milliseconds: 20 } }, paid);
	t.is((await pay()).status, 200);
	t.is((await chain.transfers(payer.account.address)).length, 6);
	t.deepEqual(market.script.left(), []);
});
