/** The local Pactum, bought from by hand: every operation of its document, and each refusal. */
import test from "ava";
import { getAddress, type Hex, keccak256, toBytes } from "viem";
import { type Chain, newSender, startChain, tokenAbi, usdc } from "../../tools/world/chain.js";
import { catalogue, fileContents } from "../../tools/world/markets/pactum/catalogue.js";
import { deployEscrow, escrowAbi, orderIdOnChain } from "../../tools/world/markets/pactum/escrow.js";
import { type PactumMarket, startPactum } from "../../tools/world/markets/pactum/market.js";
import { dollars, micros } from "../../tools/world/markets/pactum/money.js";

let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

/** A market of the test's own. */
async function newMarket(t: { teardown(end: () => unknown): void }): Promise<PactumMarket> {
	const market = await startPactum(chain);
	t.teardown(market.stop);
	return market;
}

/** Every field that some answer has; those of other answers are missing. */
interface Body
	extends Readonly<
		Record<
			| "api_key"
			| "available"
			| "balance"
			| "checkout_url"
			| "error"
			| "frozen"
			| "item_id"
			| "message"
			| "order_id"
			| "status"
			| "token"
			| "wallet_address",
			string
		>
	> {
	readonly deposit_tx: Hex;
	readonly tx_hash: Hex;
	readonly recipient: Hex;
	readonly amount_units: number;
	readonly count: number;
	readonly price: number | string;
	readonly result: unknown;
	readonly agents: readonly Body[];
	readonly items: readonly Body[];
	readonly messages: readonly Body[];
	readonly orders: readonly Body[];
	readonly escrow: { readonly contract: string; readonly usdc_contract: string; readonly order_id_bytes32: string };
}

interface Answer {
	readonly status: number;
	readonly body: Body;
	readonly headers: Headers;
}

async function call(
	method: string,
	url: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<Answer> {
	const init: RequestInit = { method, headers, redirect: "manual" };
	if (body !== undefined) {
		init.headers = { "content-type": "application/json", ...headers };
		init.body = typeof body === "string" ? body : JSON.stringify(body);
	}
	const response = await fetch(url, init);
	const text = await response.text();
	const json = /json/.test(response.headers.get("content-type") ?? "");
	return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

const inWords = ({ status, body }: Answer): string => `${status} ${body.error ?? body.status ?? ""}`.trim();

/** A buyer with a token, and the operations bound to it. */
async function newBuyer(market: PactumMarket, money: { usdc?: bigint; credit?: bigint } = {}) {
	const account = await market.newAccount(money);
	const { apiKey } = account;
	const { token } = (await call("POST", `${market.gateway.url}/market/auth/wallet`, { api_key: apiKey })).body;
	const authorization = `Bearer ${token}`;
	const gateway = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
		call(method, `${market.gateway.url}/market${path}`, body, { authorization, ...headers });
	const deposit = (terms: Body, over: object = {}): Promise<Answer> => {
		const { contract, usdc_contract, order_id_bytes32 } = terms.escrow;
		const fields = { escrow_contract: contract, usdc_contract, order_id_bytes32, seller: terms.recipient };
		const body = { ...fields, amount: terms.amount_units / 1_000_000, ...over };
		return call("POST", `${market.wallet.url}/v1/escrow-deposit`, body, { authorization: `Bearer ${apiKey}` });
	};
	const prove = (item: string, order: string, proof: string): Promise<Answer> =>
		gateway("POST", `/buy/${item}`, {}, { "X-Payment-Proof": proof, "X-Order-Id": order });
	return { account, token: token as string, gateway, deposit, prove };
}

/** The whole escrow flow; the order's id. */
async function buyByEscrow(
	buyer: Awaited<ReturnType<typeof newBuyer>>,
	item: string,
	body: object = {},
): Promise<string> {
	const terms = (await buyer.gateway("POST", `/buy/${item}`, body)).body;
	const { deposit_tx } = (await buyer.deposit(terms)).body;
	await buyer.prove(item, terms.order_id, deposit_tx);
	return terms.order_id;
}

test("register, verify, and a token for seven days", async (t) => {
	const market = await newMarket(t);
	const email = "device@example.com";
	const post = (path: string, body: unknown) => call("POST", `${market.wallet.url}/v1${path}`, body);
	t.is(inWords(await post("/register", { email })), "200");
	const code = market.mailedCode(email)!;
	t.regex(code, /^\d{6}$/);
	t.is(inWords(await post("/verify", { email, code: code === "111111" ? "222222" : "111111" })), "400 INVALID_REQUEST");
	const { api_key, wallet_address } = (await post("/verify", { email, code })).body;
	t.regex(api_key, /^pk_live_[0-9a-f]{32}$/);
	t.regex(wallet_address, /^0x[0-9a-f]{40}$/);
	t.is(inWords(await post("/verify", { email, code })), "400 INVALID_REQUEST", "a code is good once");

	const { token } = (await call("POST", `${market.gateway.url}/market/auth/wallet`, { api_key })).body;
	const claims = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
	t.is(claims.exp - claims.iat, 7 * 86_400);
	t.is(claims.wallet, wallet_address);
	t.is(claims.api_key, api_key);
	const balance = () =>
		call("GET", `${market.gateway.url}/market/credit/balance`, undefined, { authorization: `Bearer ${token}` });
	t.deepEqual((await balance()).body, { balance: "0.00", frozen: "0.00", available: "0.00" });
	market.clock.advance(7 * 86_400 - 60);
	t.is((await balance()).status, 200);
	market.clock.advance(61);
	t.is(inWords(await balance()), "401 AUTH_FAILED");
	t.deepEqual([...market.secrets()].sort(), [code, api_key, token].sort());
});

test("a code lasts five minutes, and a newer one voids it", async (t) => {
	const market = await newMarket(t);
	const email = "device@example.com";
	const post = (path: string, body: unknown) => call("POST", `${market.wallet.url}/v1${path}`, body);
	await post("/register", { email });
	const first = market.mailedCode(email)!;
	await post("/register", { email });
	t.not(market.mailedCode(email), first);
	t.is(inWords(await post("/verify", { email, code: first })), "400 INVALID_REQUEST");
	market.clock.advance(5 * 60);
	const late = await post("/verify", { email, code: market.mailedCode(email) });
	t.like(late, { status: 400, body: { message: "Verification code expired" } });
	await post("/register", { email });
	market.clock.advance(5 * 60 - 5);
	t.is((await post("/verify", { email, code: market.mailedCode(email) })).status, 200);
});

test("recover gives a new key and kills the old one", async (t) => {
	const market = await newMarket(t);
	const { account, gateway } = await newBuyer(market);
	const { email, apiKey, wallet } = account;
	const post = (path: string, body: unknown) => call("POST", `${market.wallet.url}/v1${path}`, body);
	const auth = (api_key: string) => call("POST", `${market.gateway.url}/market/auth/wallet`, { api_key });
	t.is((await post("/register", { email })).status, 200, "the same for an existing account");
	const code = market.mailedCode(email);
	const { api_key, wallet_address } = (await post("/recover", { email, code })).body;
	t.is(inWords(await post("/recover", { email, code })), "400 INVALID_REQUEST", "a code is good once");
	t.is(wallet_address, wallet);
	t.not(api_key, apiKey);
	t.is(inWords(await auth(apiKey)), "401 AUTH_FAILED");
	t.is((await auth(api_key)).status, 200);
	t.is((await gateway("GET", "/orders")).status, 200, "a token lives on to its end");
	await post("/register", { email: "nobody@example.com" });
	const nobody = { email: "nobody@example.com", code: market.mailedCode("nobody@example.com") };
	t.is(inWords(await post("/recover", nobody)), "400 INVALID_REQUEST");
});

test("what register, verify and auth/wallet refuse", async (t) => {
	const { wallet, gateway } = await newMarket(t);
	for (const [url, body, answer] of [
		[`${wallet.url}/v1/register`, {}, "400 MISSING_FIELDS"],
		[`${wallet.url}/v1/register`, { email: "no address" }, "400 INVALID_REQUEST"],
		[`${wallet.url}/v1/register`, { email: "a@b.c", name: "x" }, "400 INVALID_REQUEST"],
		[`${wallet.url}/v1/register`, "not JSON", "400 INVALID_REQUEST"],
		[`${wallet.url}/v1/verify`, { email: "a@b.c" }, "400 MISSING_FIELDS"],
		[`${wallet.url}/v1/verify`, { email: "a@b.c", code: 123456 }, "400 INVALID_REQUEST"],
		[`${wallet.url}/v1/verify`, { email: "a@b.c", code: "12345" }, "400 INVALID_REQUEST"],
		[`${gateway.url}/market/auth/wallet`, {}, "400 MISSING_FIELDS"],
		[`${gateway.url}/market/auth/wallet`, { api_key: "pk_live_0" }, "401 AUTH_FAILED"],
		[`${gateway.url}/v1/register`, { email: "a@b.c" }, "404 NOT_FOUND"],
		[`${wallet.url}/market/auth/wallet`, { api_key: "x" }, "404 NOT_FOUND"],
	] as const)
		t.is(inWords(await call("POST", url, body)), answer, `${url} ${JSON.stringify(body)}`);
	const form = { "content-type": "application/x-www-form-urlencoded" };
	t.is(inWords(await call("POST", `${wallet.url}/v1/register`, '{"email":"a@b.c"}', form)), "400 INVALID_REQUEST");
});

test("every operation with a token refuses none, an expired one, a forged one, and an API key", async (t) => {
	const market = await newMarket(t);
	const { account, token } = await newBuyer(market);
	const { apiKey } = account;
	market.expireTokens();
	const [header, payload] = token.split(".");
	const forged = `${header}.${payload}.${Buffer.alloc(32).toString("base64url")}`;
	const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
	for (const [method, path] of [
		["POST", "/buy/item-free"],
		["POST", "/buy/no-such-item"],
		["GET", "/credit/balance"],
		["POST", "/credit/topup"],
		["GET", "/orders"],
		["GET", "/orders/x"],
		["POST", "/orders/x/confirm"],
		["POST", "/orders/x/retry"],
		["POST", "/orders/x/dispute"],
		["GET", "/orders/x/messages"],
		["POST", "/orders/x/messages"],
		["GET", "/orders/x/file"],
		["PUT", "/address"],
	] as const) {
		const url = `${market.gateway.url}/market${path}`;
		t.is(inWords(await call(method, url)), "401 AUTH_REQUIRED", path);
		for (const wrong of [token, forged, unsigned, apiKey])
			t.is(inWords(await call(method, url, undefined, { authorization: `Bearer ${wrong}` })), "401 AUTH_FAILED", path);
	}
	const deposit = `${market.wallet.url}/v1/escrow-deposit`;
	t.is(inWords(await call("POST", deposit, {})), "401 AUTH_REQUIRED");
	t.is(inWords(await call("POST", deposit, {}, { authorization: `Bearer ${token}` })), "401 AUTH_FAILED");
	const fresh = (await call("POST", `${market.gateway.url}/market/auth/wallet`, { api_key: apiKey })).body.token;
	t.not(fresh, token);
	const authorization = `Bearer ${fresh}`;
	t.is((await call("GET", `${market.gateway.url}/market/orders`, undefined, { authorization })).status, 200);
});

test("discover: each parameter", async (t) => {
	const market = await newMarket(t);
	const discover = async (body: object): Promise<readonly Body[]> =>
		(await call("POST", `${market.gateway.url}/market/discover`, body)).body.items;
	const ids = async (body: object): Promise<string[]> => (await discover(body)).map(({ item_id }) => item_id);
	t.deepEqual(await ids({ q: "crypto funding rate" }), ["item-free"]);
	t.deepEqual(await ids({ q: "whale trading" }), ["item-paid", "item-free-query"], "features too, after names");
	t.deepEqual(await ids({ q: "open interest", sort: "relevance" }), ["item-free-query", "item-paid"]);
	t.deepEqual(await ids({ tags: ["paper", "gift"] }), ["item-postcard"]);
	t.deepEqual(await ids({ type: "physical" }), ["item-postcard"]);
	t.deepEqual(await ids({ max_price: 0 }), ["item-free", "item-free-query", "item-sensor-000"]);
	t.deepEqual(await ids({ seller: catalogue.at(8)!.seller.toUpperCase().replace("0X", "0x") }), ["item-postcard"]);
	t.deepEqual(await ids({ sort: "price_desc", limit: 2 }), ["item-postcard", "item-report"]);
	t.deepEqual((await ids({ sort: "price_asc", limit: 1, offset: 3 }))[0], "item-sensor-001");
	t.is((await ids({ sort: "rating" }))[0], "item-free");
	t.is((await ids({ sort: "newest", limit: 1 }))[0], "item-sensor-129");
	t.is((await ids({})).length, 20);
	const pages = await Promise.all([0, 100, 200].map((offset) => ids({ limit: 100, offset })));
	t.deepEqual(
		pages.flat(),
		catalogue.map(({ item_id }) => item_id),
	);

	const [item] = await discover({ q: "whale trades" });
	t.like(item, { price: 0.01, required: { description: true }, example_queries: ["BTC open interest by exchange"] });
	t.false("result" in item! || "fulfilment" in item!, "what is sold is not given away");
	market.variant.price = "string";
	t.is((await discover({ q: "whale trades" }))[0]?.price, "0.01");
	for (const wrong of [{ limit: 101 }, { limit: 0 }, { offset: -1 }, { sort: "best" }, { type: "both" }, { tags: "x" }])
		t.is((await call("POST", `${market.gateway.url}/market/discover`, wrong)).status, 400, JSON.stringify(wrong));
	for (const wrong of [{ max_price: "0" }, { max_price: -1 }, { seller: "0x1" }, { q: 1 }, { query: "x" }])
		t.is((await call("POST", `${market.gateway.url}/market/discover`, wrong)).status, 400, JSON.stringify(wrong));
});

test("agents, of whom one has neither name nor rating", async (t) => {
	const market = await newMarket(t);
	const { agents } = (await call("GET", `${market.gateway.url}/market/agents`)).body;
	t.is(agents.length, 3);
	t.like(agents[0], { name: "Funding Rates Ltd", avg_rating: 4.8 });
	t.deepEqual(Object.keys(agents[2]!), ["wallet", "items"]);
	t.is(agents.flatMap(({ items }) => items).length, catalogue.length);
});

test("free: done at once, with what the item requires", async (t) => {
	const market = await newMarket(t);
	const { gateway } = await newBuyer(market);
	const bought = await gateway("POST", "/buy/item-free", {});
	const order_id = "00000000-0000-4000-8000-000000000001";
	const result = catalogue[0]!.result;
	t.deepEqual(bought.body, { order_id, status: "completed", result });
	t.like((await gateway("GET", `/orders/${order_id}`)).body, { order_id, result, payment_method: "free", amount: 0 });
	t.is(inWords(await gateway("POST", "/buy/item-free-query", {})), "400 MISSING_FIELDS");
	t.is(inWords(await gateway("POST", "/buy/item-free-query", { query: " " })), "400 INVALID_REQUEST");
	t.is(inWords(await gateway("POST", "/buy/item-free-query", { query: "BTC" })), "200 completed");
	t.is(inWords(await gateway("POST", "/buy/no-such-item", {})), "404 NOT_FOUND");
	t.is(inWords(await gateway("POST", "/buy/item-free", { payment_method: "cash" })), "400 INVALID_REQUEST");
	t.is(inWords(await gateway("POST", "/buy/item-free", { quantity: 2 })), "400 INVALID_REQUEST");
	t.is(inWords(await gateway("POST", "/buy/item-free", [])), "400 INVALID_REQUEST");
	t.is(inWords(await gateway("POST", "/buy/item-free")), "400 INVALID_REQUEST");
	t.is((await gateway("GET", "/orders")).body.count, 2, "a refusal leaves no order");
});

test("credit: topped up by a person, frozen with the order, spent with its confirmation", async (t) => {
	const market = await newMarket(t);
	const { gateway } = await newBuyer(market);
	const balance = async () => (await gateway("GET", "/credit/balance")).body;
	const buy = () => gateway("POST", "/buy/item-paid", { query: "BTC", payment_method: "credit" });
	t.is(inWords(await buy()), "400 INSUFFICIENT_CREDIT");
	const { checkout_url } = (await gateway("POST", "/credit/topup", { amount: 10, provider: "stripe" })).body;
	t.is((await balance()).balance, "0.00", "only once the person has paid");
	market.pay(checkout_url);
	market.pay(checkout_url);
	t.deepEqual(await balance(), { balance: "10.00", frozen: "0.00", available: "10.00" });
	const { order_id, status, result } = (await buy()).body;
	t.is(status, "delivered");
	t.truthy(result);
	t.deepEqual(await balance(), { balance: "10.00", frozen: "0.01", available: "9.99" });
	t.is(inWords(await gateway("POST", `/orders/${order_id}/confirm`)), "200 completed");
	t.deepEqual(await balance(), { balance: "9.99", frozen: "0.00", available: "9.99" });
	t.is(inWords(await gateway("POST", `/orders/${order_id}/confirm`)), "400 INVALID_REQUEST");
	for (const wrong of [0.99, 500.01, "10", 10.001, null])
		t.is((await gateway("POST", "/credit/topup", { amount: wrong, provider: "stripe" })).status, 400, String(wrong));
	t.is((await gateway("POST", "/credit/topup", { amount: 10, provider: "cash" })).status, 400);
	t.is((await gateway("POST", "/credit/topup", { amount: 10 })).status, 400);
	for (const provider of ["alipay", "wechat"])
		t.is((await gateway("POST", "/credit/topup", { amount: 500, provider })).status, 200);
});

test("escrow: 402, deposit on the chain, proof, confirmation", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	const { wallet } = buyer.account;
	market.nextOrderIds.push("123e4567-e89b-12d3-a456-426614174000");
	const asked = await buyer.gateway("POST", "/buy/item-paid", { query: "BTC", payment_method: "escrow" });
	const item = catalogue.find(({ item_id }) => item_id === "item-paid")!;
	t.is(asked.status, 402);
	t.like(asked.body, {
		order_id: "123e4567-e89b-12d3-a456-426614174000",
		recipient: item.seller,
		amount_units: 10_000,
		escrow: {
			contract: market.escrow.address,
			usdc_contract: usdc.address,
			order_id_bytes32: "0xb77d58f5e08a1d2c2d5d335ce973aa4c48c1c3b91dc2e11da40e81ba50b47179",
		},
	});
	const { order_id } = asked.body;
	t.is((await buyer.gateway("GET", `/orders/${order_id}`)).body.status, "created");

	const { deposit_tx } = (await buyer.deposit(asked.body)).body;
	t.is(await chain.balanceOf(wallet), 990_000n);
	t.like(await market.escrow.order(order_id), { amount: 10_000n, status: "pending" });
	t.is((await buyer.gateway("GET", `/orders/${order_id}`)).body.status, "created", "the gateway waits for the proof");
	const proved = await buyer.prove("item-paid", order_id, deposit_tx);
	t.deepEqual(proved.body, { order_id, status: "delivered", result: item.result });
	t.deepEqual((await buyer.prove("item-paid", order_id, deposit_tx)).body, proved.body, "the same proof again");
	t.deepEqual(await chain.transfers(market.escrow.address), []);
	t.is(inWords(await buyer.gateway("POST", `/orders/${order_id}/confirm`)), "200 completed");
	const [released, ...more] = await chain.transfers(market.escrow.address);
	t.deepEqual(more, []);
	t.like(released, { value: 10_000n, to: getAddress(item.seller) });
	t.like(await market.escrow.order(order_id), { status: "released" });

	market.variant.repeatedProof = "refused";
	t.is(inWords(await buyer.prove("item-paid", order_id, deposit_tx)), "400 INVALID_REQUEST");
	t.is((await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).status, 402, "escrow is the default");
});

test("escrow: what the deposit refuses", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 15_000n });
	const terms = (await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	for (const wrong of [
		{ amount: 0.0000001 },
		{ amount: 0 },
		{ amount: -1 },
		{ amount: 0.02 },
		{ seller: "0x12" },
		{ order_id_bytes32: "0x12" },
		{ escrow_contract: undefined },
		{ usdc_contract: newSender() },
		{ memo: "hello" },
	])
		t.is((await buyer.deposit(terms, wrong)).status, 400, JSON.stringify(wrong));
	t.is(await chain.balanceOf(buyer.account.wallet), 15_000n);
	t.is((await buyer.deposit(terms, { amount: "0.0001" })).status, 200, "a decimal string will do");
	const again = await buyer.deposit(terms, { amount: 0.0001 });
	t.like(again, { status: 400 });
	t.regex(again.body.message, /reverted/, "the contract takes one deposit per order");
	t.is(await chain.balanceOf(buyer.account.wallet), 14_900n);
});

test("escrow: a wallet told to pay elsewhere pays elsewhere", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 10_000n });
	const impostor = await deployEscrow(chain);
	market.variant.escrow = { contract: impostor.address };
	const terms = (await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	const { deposit_tx } = (await buyer.deposit(terms)).body;
	t.like(await impostor.order(terms.order_id), { amount: 10_000n });
	t.is(inWords(await buyer.prove("item-paid", terms.order_id, deposit_tx)), "400 INVALID_REQUEST");
});

test("escrow: proofs that prove nothing", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	const other = await newBuyer(market, { usdc: 1_000_000n });
	const order = async (who = buyer) => (await who.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	const pay = async (terms: Body, over = {}, who = buyer): Promise<Hex> =>
		(await who.deposit(terms, over)).body.deposit_tx;
	const refused = async (why: string, terms: Body, proof: string): Promise<void> => {
		t.is(inWords(await buyer.prove("item-paid", terms.order_id, proof)), "400 INVALID_REQUEST", why);
		t.is((await buyer.gateway("GET", `/orders/${terms.order_id}`)).body.status, "created", why);
	};
	const first = await order();
	await refused("no hash", first, "0x12");
	await refused("no such transaction", first, `0x${"12".repeat(32)}`);
	await refused("another order's", first, await pay(await order()));
	await refused("a plain transfer", first, await transfer(buyer.account.wallet));
	const failed = {
		account: buyer.account.wallet,
		address: market.escrow.address,
		abi: escrowAbi,
		gasPrice: 0n,
	} as const;
	const args = [orderIdOnChain(first.order_id), first.recipient, 10_000n] as const;
	const hash = await chain.client.writeContract({ ...failed, functionName: "deposit", args, gas: 100_000n });
	t.is((await chain.client.waitForTransactionReceipt({ hash })).status, "reverted");
	await refused("reverted", first, hash);
	await refused("too small", first, await pay(first, { amount: 0.009999 }));
	const second = await order();
	await refused("too large", second, await pay(second, { amount: 0.010001 }));
	const third = await order();
	await refused("another seller", third, await pay(third, { seller: newSender() }));
	const fourth = await order();
	await refused("another buyer's wallet", fourth, await pay(fourth, {}, other));

	const fifth = await order();
	const proof = await pay(fifth);
	const { order_id } = fifth;
	t.is(inWords(await other.prove("item-paid", order_id, proof)), "404 NOT_FOUND", "another buyer's order");
	t.is(inWords(await buyer.prove("item-paid", "no-such-order", proof)), "404 NOT_FOUND");
	const paid = catalogue.find(({ item_id }) => item_id === "item-paid")!;
	market.items.push({ ...paid, item_id: "item-twin" });
	t.is(inWords(await buyer.prove("item-twin", order_id, proof)), "400 INVALID_REQUEST", "another item");
	const bare = (headers: Record<string, string>) => buyer.gateway("POST", "/buy/item-paid", {}, headers);
	t.is(inWords(await bare({ "X-Payment-Proof": proof })), "400 MISSING_FIELDS");
	t.is(inWords(await bare({ "X-Order-Id": order_id })), "400 MISSING_FIELDS");
	t.is(inWords(await buyer.prove("item-paid", order_id, proof.toUpperCase().replace("0X", "0x"))), "200 delivered");
});

async function transfer(from: Hex): Promise<Hex> {
	const to = newSender();
	const approve = { address: usdc.address, abi: tokenAbi, functionName: "approve", args: [to, 10_000n] } as const;
	const hash = await chain.client.writeContract({ ...approve, account: from, gasPrice: 0n });
	await chain.client.waitForTransactionReceipt({ hash });
	return hash;
}

test("escrow: the document's other spellings", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	market.variant.bytes32Prefix = false;
	market.variant.depositField = "tx_hash";
	const terms = (await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	t.is(`0x${terms.escrow.order_id_bytes32}`, keccak256(toBytes(terms.order_id)));
	const { tx_hash, deposit_tx } = (await buyer.deposit(terms)).body;
	t.falsy(deposit_tx);
	t.is(inWords(await buyer.prove("item-paid", terms.order_id, tx_hash)), "200 delivered");
	market.variant.terms = { amount_units: 20_000 };
	t.is((await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body.amount_units, 20_000);
});

test("orders: one's own, newest first, through their statuses; released a day after delivery", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	const id = await buyByEscrow(buyer, "item-report");
	const status = async () => (await buyer.gateway("GET", `/orders/${id}`)).body.status;
	t.is(await status(), "paid");
	t.is(inWords(await buyer.gateway("POST", `/orders/${id}/confirm`)), "400 INVALID_REQUEST", "not delivered yet");
	await market.process(id);
	t.is(await status(), "processing");
	await market.deliver(id);
	t.is(await status(), "delivered");
	market.clock.advance(86_400 - 60);
	t.is(await status(), "delivered");
	market.clock.advance(61);
	t.deepEqual(await Promise.all([status(), status()]), ["completed", "completed"]);
	t.like(await market.escrow.order(id), { status: "released" });
	const { body } = await buyer.gateway("POST", "/buy/item-free", {});
	const { orders } = (await buyer.gateway("GET", "/orders")).body;
	t.deepEqual(
		orders.map((order: Body) => order.order_id),
		[body.order_id, id],
	);
	t.like(orders[1], { item_id: "item-report", amount: 0.25, payment_method: "escrow", buyer_query: null });
	const stranger = await newBuyer(market);
	t.is((await stranger.gateway("GET", "/orders")).body.count, 0);
	for (const [method, path] of [
		["GET", ""],
		["POST", "/confirm"],
		["POST", "/retry"],
		["POST", "/dispute"],
		["GET", "/messages"],
		["POST", "/messages"],
		["GET", "/file"],
	] as const)
		t.is(inWords(await stranger.gateway(method, `/orders/${id}${path}`)), "404 NOT_FOUND", path);
});

test("retry: three times, no new payment", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n, credit: 1_000_000n });
	const flaky = await buyByEscrow(buyer, "item-flaky");
	const retry = (id: string) => buyer.gateway("POST", `/orders/${id}/retry`);
	t.like((await buyer.gateway("GET", `/orders/${flaky}`)).body, { status: "failed", retries_left: 3 });
	t.deepEqual((await retry(flaky)).body, { status: "failed", retries_left: 2 });
	t.deepEqual((await retry(flaky)).body, { status: "completed", result: catalogue[0]!.result });
	t.like(await market.escrow.order(flaky), { status: "released" });
	t.is(inWords(await retry(flaky)), "400 INVALID_REQUEST", "it has not failed");

	const bought = await buyer.gateway("POST", "/buy/item-broken", { payment_method: "credit" });
	const { order_id } = bought.body;
	t.is(inWords(bought), "200 failed");
	for (const retries_left of [2, 1, 0]) t.deepEqual((await retry(order_id)).body, { status: "failed", retries_left });
	t.is(inWords(await retry(order_id)), "400 INVALID_REQUEST");
	t.is((await buyer.gateway("GET", "/credit/balance")).body.frozen, "0.03");
	t.is(inWords(await buyer.gateway("POST", `/orders/${order_id}/dispute`, { reason: "broken" })), "200 disputed");
	await market.resolve(order_id, "buyer");
	t.is((await buyer.gateway("GET", `/orders/${order_id}`)).body.status, "refunded");
	t.is((await buyer.gateway("GET", "/credit/balance")).body.available, "1.00");
});

test("dispute freezes the escrow until the market decides", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 500_000n });
	const disputed = async (): Promise<string> => {
		const id = await buyByEscrow(buyer, "item-report");
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/dispute`, {})), "400 MISSING_FIELDS");
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/dispute`, { reason: "wrong data" })), "200 disputed");
		t.like(await market.escrow.order(id), { status: "disputed" });
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/confirm`)), "400 INVALID_REQUEST");
		t.is(inWords(await buyer.gateway("POST", `/orders/${id}/dispute`, { reason: "again" })), "400 INVALID_REQUEST");
		return id;
	};
	const refunded = await disputed();
	await market.resolve(refunded, "buyer");
	t.like(await market.escrow.order(refunded), { status: "refunded" });
	t.is(await chain.balanceOf(buyer.account.wallet), 500_000n);
	const released = await disputed();
	await market.resolve(released, "seller");
	t.is((await buyer.gateway("GET", `/orders/${released}`)).body.status, "completed");
	t.is(await chain.balanceOf(buyer.account.wallet), 250_000n);
	const free = (await buyer.gateway("POST", "/buy/item-free", {})).body.order_id;
	t.is(inWords(await buyer.gateway("POST", `/orders/${free}/dispute`, { reason: "x" })), "400 INVALID_REQUEST");
});

test("messages, both ways", async (t) => {
	const market = await newMarket(t);
	const { gateway, account } = await newBuyer(market);
	const { order_id } = (await gateway("POST", "/buy/item-free", {})).body;
	const path = `/orders/${order_id}/messages`;
	const seller = catalogue[0]!.seller;
	t.deepEqual((await gateway("GET", path)).body, { messages: [], count: 0 });
	t.deepEqual((await gateway("POST", path, { content: "Can you also include ETH data?" })).body, {
		message_id: `${order_id}-1`,
		to_wallet: seller,
	});
	await market.say(order_id, "Yes.");
	const { messages } = (await gateway("GET", path)).body;
	t.like(messages[0], { content: "Can you also include ETH data?", direction: "buyer_to_seller" });
	t.like(messages[1], {
		content: "Yes.",
		direction: "seller_to_buyer",
		from_wallet: seller,
		to_wallet: account.wallet,
	});
	t.is(inWords(await gateway("POST", path, { content: "" })), "400 INVALID_REQUEST");
	t.is(inWords(await gateway("POST", path, { text: "x" })), "400 MISSING_FIELDS");
});

test("file: a redirect to another origin, good for an hour, that must not see a token", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { credit: 1_000_000n });
	const { order_id } = (await buyer.gateway("POST", "/buy/item-file", { payment_method: "credit" })).body;
	const file = await buyer.gateway("GET", `/orders/${order_id}/file`);
	t.is(file.status, 302);
	const location = file.headers.get("location")!;
	t.is(new URL(location).origin, market.files.url);
	t.not(new URL(location).origin, market.gateway.url);
	t.deepEqual(Buffer.from(await (await fetch(location)).arrayBuffer()), fileContents);
	t.is((await fetch(location.replace("output", "input"))).status, 403);
	t.is((await fetch(location.replace(/signature=./, "signature=x"))).status, 403);
	t.deepEqual(market.leaks, []);
	for (const headers of [{ authorization: `Bearer ${buyer.token}` }, { "x-note": buyer.account.apiKey }])
		t.is((await fetch(location, { headers: headers as Record<string, string> })).status, 400);
	t.deepEqual(
		market.leaks.map((leak) => leak.split(": ")[1]),
		["authorization, a secret", "a secret"],
	);
	market.clock.advance(3600);
	t.is((await fetch(location)).status, 403);
	t.is((await fetch((await buyer.gateway("GET", `/orders/${order_id}/file`)).headers.get("location")!)).status, 200);
	const free = (await buyer.gateway("POST", "/buy/item-free", {})).body.order_id;
	t.is(inWords(await buyer.gateway("GET", `/orders/${free}/file`)), "404 NOT_FOUND", "no file");
});

test("address: required before a physical item is bought", async (t) => {
	const market = await newMarket(t);
	const { gateway } = await newBuyer(market, { credit: 2_000_000n });
	const buy = () => gateway("POST", "/buy/item-postcard", { payment_method: "credit" });
	const address = { name: "John Doe", street: "123 Main St", city: "New York", state: "NY", postal_code: "10001" };
	t.is(inWords(await buy()), "400 SHIPPING_REQUIRED");
	t.is(inWords(await gateway("PUT", "/address", { address })), "400 MISSING_FIELDS");
	t.is(inWords(await gateway("PUT", "/address", { address: { ...address, country: 1 } })), "400 INVALID_REQUEST");
	t.is(inWords(await gateway("PUT", "/address", { address: "x" })), "400 INVALID_REQUEST");
	t.is(inWords(await gateway("PUT", "/address", { ...address, country: "US" })), "400 MISSING_FIELDS");
	const whole = { address: { ...address, country: "US" } };
	t.deepEqual((await gateway("PUT", "/address", whole)).body, whole);
	t.is(inWords(await buy()), "200 paid");
});

test("told to answer wrongly: instead of the work, after it, slowly, twice, cut, not at all", async (t) => {
	const market = await newMarket(t);
	const { gateway, token } = await newBuyer(market);
	const path = "/market/buy/item-free";
	const buy = () => gateway("POST", "/buy/item-free", {});
	const count = async () => (await gateway("GET", "/orders")).body.count;
	const { script } = market.gateway;

	script.next(path, { name: "answer", status: 429, headers: { "retry-after": "2" }, body: { error: "RATE_LIMIT" } });
	const limited = await buy();
	t.is(inWords(limited), "429 RATE_LIMIT");
	t.is(limited.headers.get("retry-after"), "2");
	t.is(await count(), 0);
	script.next(path, { name: "answer", status: 502, body: "bad gateway", at: "answer" });
	t.like(await buy(), { status: 502, body: "bad gateway" });
	t.is(await count(), 1, "the order was placed");
	script.next(path, { name: "answer", status: 400, body: { error: "QUOTA_EXCEEDED" } }, { times: 2 });
	t.is(inWords(await buy()), "400 QUOTA_EXCEEDED");
	t.deepEqual(script.left(), [path]);
	t.is(inWords(await buy()), "400 QUOTA_EXCEEDED");
	t.deepEqual(script.left(), []);

	script.next(path, { name: "wire", at: "answer", does: "reset" });
	await t.throwsAsync(buy());
	t.is(await count(), 2);
	script.next(path, { name: "wire", at: "request", does: "reset" });
	await t.throwsAsync(buy());
	t.is(await count(), 2);
	script.next(path, { name: "wire", at: "body", does: "close" });
	await t.throwsAsync(buy());
	script.next(path, { name: "wire", at: "answer", does: { milliseconds: 5 } });
	t.is(inWords(await buy()), "200 completed");
	script.next(path, { name: "wire", at: "request", does: "silence" });
	const signal = AbortSignal.timeout(100);
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	await t.throwsAsync(fetch(market.gateway.url + path, { method: "POST", headers, body: "{}", signal }), { any: true });
	const proof = { when: (request: { headers: object }) => "x-payment-proof" in request.headers };
	script.next(path, { name: "answer", status: 418 }, proof);
	t.is(inWords(await buy()), "200 completed");
	t.deepEqual(script.left(), [path]);
	t.true(market.gateway.requests.every(({ connection }) => connection > 0));
	t.like(market.gateway.requests.at(-1), { method: "POST", path, status: 200, body: Buffer.from("{}") });
});

test("an answer sent twice is two answers on the wire", async (t) => {
	const market = await newMarket(t);
	const { connect } = await import("node:net");
	market.gateway.script.next("/market/agents", { name: "twice" });
	const socket = connect(Number(new URL(market.gateway.url).port), "127.0.0.1");
	socket.end("GET /market/agents HTTP/1.1\r\nHost: x\r\n\r\n");
	const chunks: Buffer[] = [];
	for await (const chunk of socket) chunks.push(chunk as Buffer);
	const text = Buffer.concat(chunks).toString();
	t.is(text.length % 2, 0);
	t.is(text.slice(0, text.length / 2), text.slice(text.length / 2));
	t.is(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2);
});

test("dollars and their millionths", (t) => {
	for (const [value, text] of [
		[0n, "0.00"],
		[1_234n, "0.001234"],
		[250_000n, "0.25"],
		[10_000_000n, "10.00"],
		[9_990_000n, "9.99"],
		[100_000n, "0.10"],
	] as const) {
		t.is(dollars(value), text);
		t.is(micros(text), value);
		t.is(micros(Number(text)), value);
	}
	for (const wrong of ["1e-7", 1e-7, "-1", "1.0000001", "", ".5", null, Number.NaN]) t.is(micros(wrong), undefined);
});
