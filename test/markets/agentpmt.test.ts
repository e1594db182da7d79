/** The local AgentPMT, driven with fetch and viem: every operation of both documents, and every refusal. */
import { decodePaymentRequiredHeader, decodePaymentResponseHeader } from "@x402/core/http";
import type { PaymentPayload, PaymentRequired } from "@x402/core/types";
import test, { type ExecutionContext } from "ava";
import { type Hex, hashMessage, parseAbi } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type Chain, startChain, usdc } from "../../tools/world/chain.js";
import { type Answer, type Lines, Signer, send } from "../../tools/world/markets/agentpmt/by_hand.js";
import { canonicalJson, parseJson, payloadHashes } from "../../tools/world/markets/agentpmt/canonical_json.js";
import { type AgentPmt, startAgentPmt, treasury } from "../../tools/world/markets/agentpmt/market.js";
import { newPayer, type Payer } from "../../tools/world/markets/payanagent/shop/payer.js";

const api = "/api/external";

let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

async function open(t: ExecutionContext): Promise<AgentPmt> {
	const market = await startAgentPmt(chain);
	t.teardown(market.stop);
	return market;
}

/** A wallet with a session, and with credits if asked. */
async function signer(market: AgentPmt, credits = 0): Promise<Signer> {
	const wallet = privateKeyToAccount(generatePrivateKey());
	if (credits > 0) market.credits.add(wallet.address, credits);
	return new Signer(market, wallet).open();
}

const code = ({ status, body }: Answer): string => `${status} ${body.code ?? (body.success ? "success" : "")}`.trim();

/** Both forms of a message's place in FastAPI's detail. */
const locs = ({ body }: Answer): string[] => (body.detail as { loc: string[] }[]).map(({ loc }) => loc.join("."));

// ——— canonical JSON ———

const canonical: readonly (readonly [text: string, raw: string, escaped?: string])[] = [
	["{ }", "{}"],
	['{"10":1,"9":2,"a":3}', '{"10":1,"9":2,"a":3}'],
	['{"b":1, "a":{"z":[3,2],"y":"é"}}', '{"a":{"y":"é","z":[3,2]},"b":1}', '{"a":{"y":"\\u00e9","z":[3,2]},"b":1}'],
	['{"\\ue000":1,"\\ud83d\\ude00":2}', '{"\ue000":1,"😀":2}', '{"\\ue000":1,"\\ud83d\\ude00":2}'],
	['"\\/\\u001f\\u007f\\t"', '"/\\u001f\u007f\\t"', '"/\\u001f\\u007f\\t"'],
	["[1.0,1e3,1e16,0.00001,12345678901234567890123,-0,-0.0]", "[1.0,1000.0,1e+16,1e-05,12345678901234567890123,0,-0.0]"],
	['{"a":1,"a":2}', '{"a":2}'],
];
for (const [text, raw, escaped = raw] of canonical) {
	test(`canonical JSON of ${text}, as Python writes it`, (t) => {
		t.is(canonicalJson(parseJson(text), false), raw);
		t.is(canonicalJson(parseJson(text), true), escaped);
	});
}

test("the vectors: payload hashes, and signatures that the market accepts", async (t) => {
	t.deepEqual(payloadHashes(new Map()), ["44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"]);
	const parameters = { b: 1, a: { z: [3, 2], y: "é" }, _workflow_session_id: "wf1" };
	const [raw, escaped] = payloadHashes(parseJson(JSON.stringify(parameters)));
	t.is(raw, "9b53049e3ea5ce401ac2db130eca3ba0593aa3db527613755cf9a893b51578e0");
	t.is(escaped, "8e2f3351cc4b49ada2d5b15783d2c4a77cbc6cd4f24aec0fe4006eb7887b7d27");

	const market = await open(t);
	const account = privateKeyToAccount("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
	market.sessions.open(account.address, "sess-1");
	const who = "wallet:0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266\nsession:sess-1";
	const balance = `agentpmt-external\n${who}\nrequest:req-1\naction:balance\nproduct:-\npayload:`;
	t.is(hashMessage(balance), "0xb39f7247ba2cbf5327e1c7931f5b6cda92299e8eec2d9bf71ff7e1279731acae");
	const signature =
		"0x1bc0936ea07d9e14497953df7ddebc242961519b80b493bd23951c152891160f43360883d607da1d756459b2433cc3ee65818291639b0e3a8ffb28a93cc396501c";
	const fields = { wallet_address: account.address, session_nonce: "sess-1" };
	const asked = { ...fields, request_id: "req-1", signature };
	t.is(code(await send(market, "POST", `${api}/credits/balance`, asked)), "200 success");

	const path = "/external/tools/demo-tool/actions/do-it/invoke";
	const invoke = `agentpmt-external\n${who}\nrequest:req-2\nmethod:POST\npath:${path}\npayload:${escaped}`;
	t.is(hashMessage(invoke), "0x1f56eb1c15b5e067b58f9f3b2c991b6d04bd925995d3b98fb601002603181534");
	const signed = {
		...fields,
		request_id: "req-2",
		signature: await account.signMessage({ message: invoke }),
		parameters,
	};
	// The signature is right: what is wrong is the workflow session of the vector.
	t.is(code(await send(market, "POST", `/api${path}`, signed)), "400 WORKFLOW_SESSION_INVALID");
});

// ——— identity and signatures ———

test("agentaddress: a key, its address and its mnemonic, once", async (t) => {
	const market = await open(t);
	const { status, body } = await send(market, "POST", `${api}/agentaddress`);
	const { evmAddress, evmPrivateKey, mnemonic } = body.data as Record<string, string>;
	t.is(status, 200);
	t.is(privateKeyToAccount(evmPrivateKey as Hex).address, evmAddress as Hex);
	t.is(mnemonic!.split(" ").length, 12);
	t.true(market.secrets().includes(evmPrivateKey!) && market.secrets().includes(mnemonic!));
});

test("auth/session: a nonce that ends; what is not a wallet is 422", async (t) => {
	const market = await open(t);
	const wallet_address = `0x${"ab".repeat(20)}`;
	const { body } = await send(market, "POST", `${api}/auth/session`, { wallet_address });
	t.true(Date.parse(body.expires_at as string) > Date.now());
	t.true(market.secrets().includes(body.session_nonce as string));
	const cases: readonly (readonly [unknown, string])[] = [
		[{}, "body.wallet_address"],
		[{ wallet_address: "0x12" }, "body.wallet_address"],
		[{ wallet_address: 5 }, "body.wallet_address"],
		["[]", "body"],
		["{", "body"],
	];
	for (const [sent, loc] of cases) {
		const refused = await send(market, "POST", `${api}/auth/session`, sent);
		t.is(refused.status, 422);
		t.deepEqual(locs(refused), [loc]);
	}
	const untyped = await fetch(`${market.url}${api}/auth/session`, { method: "POST", body: "{}" });
	t.is(untyped.status, 422);
});

test("a signed request: session, signature and replay are told apart", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 7);
	const path = `${api}/credits/balance`;
	const lines: Lines = ["action:balance", "product:-"];
	const good = await agent.fields(lines);
	const post = async (change: object): Promise<Answer> => send(market, "POST", path, { ...good, ...change });

	const other = await signer(market);
	t.is(code(await post({ session_nonce: "no" })), "401 EXTERNAL_SIGNATURE_SESSION_NONCE_INVALID");
	t.is(code(await post({ session_nonce: other.session })), "401 EXTERNAL_SIGNATURE_SESSION_NONCE_INVALID");
	t.is(code(await post({ signature: "0x12" })), "401 EXTERNAL_SIGNATURE_MALFORMED");
	t.is(code(await post({ signature: `${good.signature.slice(0, 130)}09` })), "401 EXTERNAL_SIGNATURE_MALFORMED");
	const mismatch = await post({ request_id: "another" });
	t.is(code(mismatch), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(
		mismatch.body.expected_message as string,
		`agentpmt-external\nwallet:${agent.account.address.toLowerCase()}\nsession:${agent.session}\nrequest:another\naction:balance\nproduct:-\npayload:`,
	);
	t.deepEqual(locs(await send(market, "POST", path, { request_id: 5 })), [
		"body.wallet_address",
		"body.session_nonce",
		"body.request_id",
		"body.signature",
	]);

	const answered = await post({});
	t.like(answered.body, { success: true, balance: 7, wallet_address: agent.account.address.toLowerCase() });
	t.is(code(await post({})), "409 EXTERNAL_SIGNATURE_REQUEST_REPLAY");
	// A request id is the wallet's, not the session's.
	await agent.open();
	t.is(
		code(await send(market, "POST", path, await agent.fields(lines, undefined, good.request_id))),
		"409 EXTERNAL_SIGNATURE_REQUEST_REPLAY",
	);
	market.sessions.expire(agent.account.address);
	t.is(code(await agent.balance()), "401 EXTERNAL_SIGNATURE_SESSION_NONCE_EXPIRED");
	t.is(code(await other.balance()), "200 success");
	market.clock.advance(3_601);
	t.is(code(await other.balance()), "401 EXTERNAL_SIGNATURE_SESSION_NONCE_EXPIRED");
	market.sessions.seconds = 7_200;
	await other.open();
	market.clock.advance(3_601);
	t.is(code(await other.balance()), "200 success");
});

test("errors and answers in each variant", async (t) => {
	const market = await open(t);
	const agent = await signer(market);
	const wrong = async () => (await agent.post(`${api}/credits/balance`, ["action:balance", "product:x"])).body;
	const of = (body: Answer["body"], field: string) => (body[field] as Record<string, string>).expected_message;
	t.is(typeof (await wrong()).expected_message, "string");
	market.variants.errors = "details";
	t.is(typeof of(await wrong(), "details"), "string");
	market.variants.errors = "detail";
	t.is(typeof of(await wrong(), "detail"), "string");
	market.variants.answers = "data";
	t.is(((await agent.balance()).body.data as { balance: number }).balance, 0);
	t.is((await send(market, "GET", "/external/tools")).status, 404);
});

// ——— credits ———

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

const termsOf = ({ headers }: Answer): PaymentRequired => decodePaymentRequiredHeader(headers.get("payment-required")!);

for (const header of ["PAYMENT-SIGNATURE", "X-PAYMENT", "PAYMENT"]) {
	test(`credits/purchase, paid in ${header}`, async (t) => {
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
	test(`credits/purchase of ${credits}: 400, and ${suggested} suggested`, async (t) => {
		const refused = await purchase(await open(t), order(treasury, { credits }));
		t.is(code(refused), "400 INVALID_CREDIT_PACK");
		t.is(refused.body.suggested_credits as number, suggested);
	});
}

test("credits/purchase refuses what the documents do not have", async (t) => {
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

test("credits/purchase: the body of the terms, a payment of 240 s, the payer named, accepts verbatim", async (t) => {
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

test("credits/purchase: a request_id is bought once, with one payment or another; another order is a conflict", async (t) => {
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

test("credits/purchase: a settlement that fails is a 402 without terms, and the receipt says what is known", async (t) => {
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

test("credits/purchase: the terms in the header or the body alone", async (t) => {
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
test.serial("credits/purchase: a transaction of the buyer's own is checked on the chain", async (t) => {
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

// ——— tools ———

test("tools: pages of 100 until there is no next; sizes, queries, categories; 422", async (t) => {
	const market = await open(t);
	const get = (query: string) => send(market, "GET", `${api}/tools${query}`);
	const ids: string[] = [];
	let next: number | null = 1;
	while (next !== null) {
		const { body } = await get(`?page=${next}`);
		const pagination = body.pagination as Record<string, number | boolean | null>;
		t.like(pagination, {
			page_size: 100,
			total_count: 250,
			total_pages: 3,
			default_page_size: 100,
			max_page_size: 1_000,
		});
		t.is(pagination.has_more as boolean, pagination.next_page !== null);
		ids.push(...(body.tools as { product_id: string }[]).map(({ product_id }) => product_id));
		next = pagination.next_page as number | null;
	}
	t.is(new Set(ids).size, 250);
	const counts: readonly (readonly [string, number])[] = [
		["?page_size=1000", 250],
		["?page_size=7&page=2", 7],
		["?page=9", 0],
		["?query=WEATHER", 1],
		["?categories=data,office", 2],
		["?categories=sensors&query=gauge-24&page_size=3", 3],
		["?query=nothing-like-it", 0],
	];
	for (const [query, count] of counts) {
		const { body } = await get(query);
		t.is((body.tools as unknown[]).length, count, query);
		t.is(typeof (body.pagination as { has_more: boolean }).has_more, "boolean");
	}
	for (const [query, loc] of [
		["?page=0", "query.page"],
		["?page=x", "query.page"],
		["?page_size=1001", "query.page_size"],
	] as const) {
		const refused = await get(query);
		t.is(refused.status, 422);
		t.deepEqual(locs(refused), [loc]);
	}
});

const invokePath = (slug: string, action: string): string => `/external/tools/${slug}/actions/${action}/invoke`;

/** The newer dialect, signed. */
const invoke = (agent: Signer, slug: string, action: string, payload: string, more: object = {}): Promise<Answer> => {
	const path = invokePath(slug, action);
	return agent.post(`/api${path}`, ["method:POST", `path:${path}`], payload, {
		parameters: JSON.parse(payload),
		...more,
	});
};

test("invoke with credits, in both dialects, and neither in the other's place", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 30);
	const id = market.tools.find(({ slug }) => slug === "demo-tool")!.product_id;
	const parameters = '{"b":1}';
	const body = { parameters: { b: 1 } };
	const older = (lines: Lines) => agent.post(`${api}/tools/${id}/invoke`, lines, parameters, body);
	const newerPath = invokePath("demo-tool", "do-it");
	const newer = (lines: Lines) => agent.post(`/api${newerPath}`, lines, parameters, body);
	const olderLines: Lines = ["action:invoke", `product:${id}`];
	const newerLines: Lines = ["method:POST", `path:${newerPath}`];

	const answered = await older(olderLines);
	t.deepEqual(answered.body, {
		success: true,
		response: { action: "do-it", parameters: { b: 1 } },
		warnings: [],
	});
	t.is(code(await newer(newerLines)), "200 success");
	t.is(code(await newer(olderLines)), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(code(await older(newerLines)), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(code(await newer(["method:POST", `path:/api${newerPath}`])), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(market.credits.balance(agent.account.address), 10);
	t.is(market.executions.length, 2);

	market.variants.dialects = ["newer"];
	t.is((await older(olderLines)).status, 404);
	market.variants.dialects = ["older"];
	t.is((await newer(newerLines)).status, 404);
});

test("invoke: the parameters hashed are those sent, with integer-like keys, in either spelling", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 100);
	const path = invokePath("demo-tool", "do-it");
	const lines: Lines = ["method:POST", `path:${path}`];
	const post = async (payload: string, parameters: string): Promise<string> => {
		const fields = JSON.stringify(await agent.fields(lines, payload)).slice(0, -1);
		return code(await send(market, "POST", `/api${path}`, `${fields},"parameters":${parameters}}`));
	};
	const sent = '{"9":1, "é":"\\u2028", "10":12345678901234567890, "a":[ ]}';
	t.is(await post('{"10":12345678901234567890,"9":1,"a":[],"é":"\u2028"}', sent), "200 success");
	t.is(await post('{"10":12345678901234567890,"9":1,"a":[],"\\u00e9":"\\u2028"}', sent), "200 success");
	const wrong = [
		'{"9":1,"10":12345678901234567890,"a":[],"é":"\u2028"}',
		'{"10":12345678901234567000,"9":1,"a":[],"é":"\u2028"}',
		'{"10":12345678901234567890,"9":1,"a":[],"\\u00E9":"\\u2028"}',
		'{"10": 12345678901234567890,"9":1,"a":[],"é":"\u2028"}',
		"{}",
	];
	for (const payload of wrong) t.is(await post(payload, sent), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH", payload);
});

test("invoke: what fails is refunded, what is too dear is 402 without accepts", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 25);
	t.is(code(await invoke(agent, "unlucky", "fail", "{}")), "502 TOOL_FAILED");
	market.faults.add(`/api${invokePath("demo-tool", "do-it")}`, { name: "handler-status", status: 503 }, { on: "any" });
	t.is(code(await invoke(agent, "demo-tool", "do-it", "{}")), "503 TOOL_FAILED");
	t.is(market.credits.balance(agent.account.address), 25);
	t.deepEqual(
		market.credits.entries.map(({ reason, credits }) => `${reason} ${credits}`),
		["grant 25", "charge -20", "refund 20", "charge -10", "refund 10"],
	);
	const dear = await invoke(agent, "weather", "history", '{"days":3,"place":"Kiel"}');
	t.is(code(dear), "402 INSUFFICIENT_CREDITS");
	t.like(dear.body, { required_credits: 200, balance: 25 });
	t.false("accepts" in dear.body);
});

test("invoke: what there is not, and what does not fit", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 100);
	t.is(code(await invoke(agent, "no-tool", "do-it", "{}")), "404 PRODUCT_NOT_FOUND");
	t.is(code(await invoke(agent, "demo-tool", "no", "{}")), "404 ACTION_NOT_FOUND");
	t.is(code(await invoke(agent, "twofold", "same", "{}")), "409 ACTION_AMBIGUOUS");
	t.is(code(await invoke(agent, "weather", "forecast", "{}")), "400 ACTION_PARAMETERS");
	t.is(code(await invoke(agent, "demo-tool", "do-it", "{}", { place: "Kiel" })), "400 X402_MIXED");
	const older = await agent.post(`${api}/tools/no/invoke`, ["action:invoke", "product:no"], "{}", { parameters: {} });
	t.is(code(older), "404 PRODUCT_NOT_FOUND");
	const path = `/api${invokePath("demo-tool", "do-it")}`;
	const half = await send(market, "POST", path, { request_id: "x", parameters: {} });
	t.deepEqual(locs(half), ["body.wallet_address", "body.session_nonce", "body.signature"]);
	const fields = await agent.fields(["method:POST", `path:${path.slice(4)}`], "{}");
	const mixed = await send(market, "POST", path, { ...fields, parameters: {} }, { "X-PAYMENT": "e30=" });
	t.is(code(mixed), "400 X402_MIXED");
	t.is(market.credits.balance(agent.account.address), 100);
	t.is(market.executions.length, 0);
});

test("invoke: _credentials and _workflow_session_id are hashed; the tool sees the first, and not the second", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 100);
	t.is(code(await invoke(agent, "calendar", "next-event", "{}")), "400 CREDENTIALS_REQUIRED");
	t.is(
		code(await invoke(agent, "demo-tool", "do-it", '{"_workflow_session_id":"ws"}')),
		"400 WORKFLOW_SESSION_INVALID",
	);
	const started = await agent.post(`${api}/workflows/wf-1/start`, ["action:workflow_start", "product:wf-1"]);
	const id = started.body.workflow_session_id as string;
	const credentials = '"_credentials":{"google_oauth":{"access_token":"ya29"}}';
	const payload = `{${credentials},"_workflow_session_id":"${id}"}`;
	t.is(code(await invoke(agent, "calendar", "next-event", payload)), "200 success");
	t.is(market.executions.at(-1)!.workflowSession, id);
	t.deepEqual(market.executions.at(-1)!.parameters, { _credentials: { google_oauth: { access_token: "ya29" } } });
	const other = await signer(market, 100);
	t.is(code(await invoke(other, "calendar", "next-event", payload)), "400 WORKFLOW_SESSION_INVALID");
});

test("invoke, paid directly: bare parameters, the same bytes again with X-PAYMENT, metadata in the answer", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const path = `/api${invokePath("weather", "forecast")}`;
	const body = '{ "place": "Kiel" }';
	const asked = await send(market, "POST", path, body);
	t.is(asked.status, 402);
	t.like(asked.body as unknown as PaymentRequired, { x402Version: 2, resource: { url: market.url + path } });
	const payment = await payer.pay(asked.body as unknown as PaymentRequired);
	const pay = (sent: string, headers: Record<string, string>) => send(market, "POST", path, sent, headers);
	t.is(code(await pay('{"place":"Kiel"}', { "X-PAYMENT": payment })), "400 X402_BODY_MISMATCH");
	t.is((await pay(body, { "PAYMENT-SIGNATURE": payment })).status, 402);
	t.is(code(await pay(body, { "X-PAYMENT": "e30=" })), "400 X402_PAYMENT_MALFORMED");

	// A tool that fails is not paid for, and the same payment is good again.
	market.faults.add(path, { name: "handler-status", status: 500 });
	t.is(code(await pay(body, { "X-PAYMENT": payment })), "500 TOOL_FAILED");
	t.is((await chain.transfers(payer.account.address)).length, 0);

	market.faults.add(path, { name: "handler-waits", milliseconds: 200 });
	const first = pay(body, { "X-PAYMENT": payment });
	await new Promise((resolve) => setTimeout(resolve, 100));
	t.is(code(await pay(body, { "X-PAYMENT": payment })), "409 X402_PAYMENT_IN_PROGRESS");
	const paid = await first;
	const { transaction } = decodePaymentResponseHeader(paid.headers.get("payment-response")!);
	t.deepEqual(paid.body, {
		success: true,
		response: { place: "Kiel", temperature: 21.5, unit: "C" },
		warnings: [],
		x402: {
			settled: true,
			transaction,
			network: "eip155:84532",
			resource_url: market.url + path,
			settlement_recorded: true,
			payment: {
				token: "USDC",
				asset: usdc.address,
				amount_base_units: "50000",
				amount_usd: 0.05,
				payer_wallet_address: payer.account.address.toLowerCase(),
				pay_to: treasury,
			},
		},
	});
	const used = await pay(body, { "X-PAYMENT": payment });
	t.is(termsOf(used).error, "invalid_exact_evm_nonce_already_used");
	t.is((await chain.transfers(payer.account.address)).length, 1);
	t.deepEqual(
		market.executions.map(({ result }) => result !== undefined),
		[false, true],
	);
	market.variants.invokePaymentHeaders = ["payment-signature", "x-payment"];
	t.is(termsOf(await pay(body, { "PAYMENT-SIGNATURE": payment })).error, "invalid_exact_evm_nonce_already_used");
});

test("invoke, paid directly: not for every action, and not within a workflow session", async (t) => {
	const market = await open(t);
	const post = async (slug: string, action: string, body: unknown) =>
		code(await send(market, "POST", `/api${invokePath(slug, action)}`, body));
	t.is(await post("credits-only", "do-it", {}), "404 X402_NOT_AVAILABLE");
	t.is(await post("demo-tool", "do-it", { _workflow_session_id: "ws" }), "400 X402_MIXED");
	t.is(await post("weather", "forecast", {}), "400 ACTION_PARAMETERS");
	t.is(await post("demo-tool", "do-it", "[]"), "400 MALFORMED");
	t.is(await post("calendar", "next-event", {}), "400 CREDENTIALS_REQUIRED");
});

// ——— workflows ———

test("workflows: limit and skip, filters; the markdown of one", async (t) => {
	const market = await open(t);
	const list = async (query: string) => (await send(market, "GET", `${api}/workflows${query}`)).body;
	const ids = (body: Answer["body"]) => (body.workflows as { id: string }[]).map(({ id }) => id);
	const all = [0, 20, 40].map(async (skip) => ids(await list(`?limit=20&skip=${skip}`)));
	const pages = await Promise.all(all);
	t.deepEqual(
		pages.map(({ length }) => length),
		[20, 20, 5],
	);
	t.is(new Set(pages.flat()).size, 45);
	t.deepEqual(ids(await list("?query=ticket")), ["wf-0"]);
	t.deepEqual(ids(await list("?industry_tags=software,none")), ["wf-0"]);
	t.deepEqual(ids(await list("?categories=support")), ["wf-0"]);
	t.is(ids(await list("?publisher=agentpmt")).length, 5);
	const [listed] = (await list("?limit=1")).workflows as object[];
	t.false("nodes" in listed!);
	t.deepEqual(locs(await send(market, "GET", `${api}/workflows?skip=-1`)), ["query.skip"]);
	const skill = await send(market, "GET", "/api/skill-chains/wf-0/latest?target=mcp");
	t.regex(skill.body.text as string, /^---\nname: Handle inbound support ticket\n/);
	t.is((await send(market, "GET", "/api/skill-chains/wf-0/latest")).status, 400);
	t.is((await send(market, "GET", "/api/skill-chains/no/latest?target=mcp")).status, 404);
});

test("workflows: fetch, start, resume, active, end", async (t) => {
	const market = await open(t);
	const agent = await signer(market);
	const post = (operation: string, id: string, fields?: object) => {
		const lines: Lines = [`action:workflow_${operation}`, `product:${operation === "active" ? "-" : id}`];
		const path = operation === "active" ? "active" : `${id}/${operation}`;
		return agent.post(`${api}/workflows/${path}`, lines, fields && JSON.stringify(fields), fields);
	};
	const fetched = await post("fetch", "wf-1");
	t.like(fetched.body, { workflow: { id: "wf-1", edges: [] }, sessions: [] });
	t.is(code(await post("fetch", "no")), "404 WORKFLOW_NOT_FOUND");
	t.is(code(await post("start", "no")), "404 WORKFLOW_NOT_FOUND");

	const first = await post("start", "wf-1");
	const again = await post("start", "wf-1");
	const second = await post("start", "wf-1", { instance_id: "b" });
	t.is(again.body.workflow_session_id, first.body.workflow_session_id);
	t.not(second.body.workflow_session_id, first.body.workflow_session_id);
	const count = async (fields?: object) => ((await post("active", "", fields)).body.sessions as unknown[]).length;
	t.is(await count(), 2);
	t.is(await count({ instance_id: "b" }), 1);
	market.variants.active = "one";
	t.like((await post("active", "")).body, { session: { workflow_session_id: second.body.workflow_session_id } });
	market.variants.active = "list";

	t.is(code(await post("end", "wf-2")), "404 WORKFLOW_SESSION_NOT_FOUND");
	t.is(code(await post("end", "wf-1", { workflow_session_id: "no" })), "404 WORKFLOW_SESSION_NOT_FOUND");
	const ended = await post("end", "wf-1", { workflow_session_id: first.body.workflow_session_id });
	t.is(ended.body.status as string, "ended");
	t.is(code(await post("end", "wf-1")), "200 success");
	t.is(await count(), 0);

	// A field that is sent is hashed; an empty line is for none.
	const unhashed: Lines = ["action:workflow_start", "product:wf-1"];
	const refused = await agent.post(`${api}/workflows/wf-1/start`, unhashed, undefined, { instance_id: "c" });
	t.is(code(refused), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	const braces = await agent.post(`${api}/workflows/wf-1/start`, unhashed, "{}");
	t.is(code(braces), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
});

// ——— jobs ———

const job = (agent: Signer, operation: string, id: string, fields?: object): Promise<Answer> => {
	const payload = JSON.stringify(Object.fromEntries(Object.entries(fields ?? {}).sort()));
	return agent.post(`${api}/jobs/${id}/${operation}`, [`action:job_${operation}`, `product:${id}`], payload, fields);
};

const listJobs = (agent: Signer, payload: string, fields: object): Promise<Answer> =>
	agent.post(`${api}/jobs/list`, ["action:job_list", "product:-"], payload, fields);

test("jobs: list, reserve for 30 minutes, status, complete, and credits when the proof is accepted", async (t) => {
	const market = await open(t);
	const [agent, other] = [await signer(market), await signer(market)];
	const listed = await listJobs(agent, '{"limit":50,"skip":0}', { limit: 50, skip: 0 });
	t.is((listed.body.jobs as unknown[]).length, 50);
	t.is(((await listJobs(agent, '{"limit":50,"skip":50}', { limit: 50, skip: 50 })).body.jobs as unknown[]).length, 10);
	t.is(code(await listJobs(agent, "{}", {})), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(code(await listJobs(agent, '{"limit":50,"skip":0}', {})), "200 success");
	t.deepEqual(locs(await listJobs(agent, '{"limit":0,"skip":0}', { limit: 0 })), ["body.limit"]);

	t.is((await job(agent, "status", "job-ticket")).body.status as string, "none");
	const reserved = await job(agent, "reserve", "job-ticket");
	t.like(reserved.body, { instructions: "File ticket #12345." });
	t.false("workflow_access" in reserved.body);
	const minutes = (Date.parse(reserved.body.expires_at as string) - market.clock.now()) / 60_000;
	t.true(minutes > 29.9 && minutes <= 30);
	t.is((await job(agent, "reserve", "job-ticket")).body.reservation_id, reserved.body.reservation_id);
	t.is(code(await job(other, "reserve", "job-ticket")), "409 JOB_RESERVED");
	t.is(code(await job(agent, "reserve", "no")), "404 JOB_NOT_FOUND");

	market.clock.advance(1_801);
	t.is((await job(agent, "status", "job-ticket")).body.status as string, "expired");
	t.is(code(await job(agent, "complete", "job-ticket", { proof_text: "late" })), "409 JOB_NOT_RESERVED");
	const second = await job(other, "reserve", "job-ticket");
	t.is(second.status, 200);
	const proof = { proof_text: "ticket #12345" };
	t.is(
		code(await job(other, "complete", "job-ticket", { ...proof, reservation_id: reserved.body.reservation_id })),
		"409 RESERVATION_MISMATCH",
	);
	t.deepEqual(locs(await job(other, "complete", "job-ticket", {})), ["body.proof_text"]);
	const done = await job(other, "complete", "job-ticket", { ...proof, reservation_id: second.body.reservation_id });
	t.is(done.body.status as string, "submitted");
	t.is(code(await job(other, "complete", "job-ticket", proof)), "409 JOB_NOT_RESERVED");
	t.is(code(await job(agent, "reserve", "job-ticket")), "409 JOB_RESERVED");
	market.judge("job-ticket", true);
	t.is((await job(other, "status", "job-ticket")).body.status as string, "paid");
	t.is((await other.balance()).body.balance as number, 50);
});

test("jobs: social posts are required for a share, and hashed exactly as sent", async (t) => {
	const market = await open(t);
	const agent = await signer(market);
	await job(agent, "reserve", "job-share");
	const post = {
		message_text: "Paid share",
		platform: "twitter",
		post_url: "https://x.com/1",
		target_url_used: "https://a",
	};
	const complete = (fields: object) => job(agent, "complete", "job-share", fields);
	const proof = { proof_text: "Posted." };
	t.is(code(await complete(proof)), "400 SOCIAL_POSTS_REQUIRED");
	t.is(code(await complete({ ...proof, social_posts: [] })), "400 SOCIAL_POSTS_REQUIRED");
	t.deepEqual(locs(await complete({ ...proof, social_posts: [{ ...post, platform: 1 }] })), [
		"body.social_posts.0.platform",
	]);
	const lines: Lines = ["action:job_complete", "product:job-share"];
	const filled = JSON.stringify({ ...proof, social_posts: [{ ...post, posted_at: null }] });
	const refused = await agent.post(`${api}/jobs/job-share/complete`, lines, filled, { ...proof, social_posts: [post] });
	t.is(code(refused), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(code(await complete({ ...proof, social_posts: [post] })), "200 success");
	market.judge("job-share", false);
	t.is((await job(agent, "status", "job-share")).body.status as string, "rejected");
	t.is((await agent.balance()).body.balance as number, 0);
});

test("jobs: a workflow is drafted, changed and privately published with its own token, in its own place", async (t) => {
	const market = await open(t);
	const agent = await signer(market);
	const reserved = await job(agent, "reserve", "job-workflow");
	const { access_token } = reserved.body.workflow_access as { access_token: string };
	t.true(market.secrets().includes(access_token));
	const token = { "X-Job-Workflow-Token": `Bearer ${access_token}` };
	const base = `${api}/jobs/job-workflow/workflow`;
	const draft = { name: "Two gauges", description: "Reads two", nodes: [{ id: 1 }], edges: [] };
	const create = (headers: Record<string, string>, path = base) =>
		send(market, "POST", `${path}/create`, draft, headers);

	t.is(code(await create({})), "401 JOB_WORKFLOW_TOKEN_MISSING");
	t.is(code(await create({ "X-Job-Workflow-Token": access_token })), "401 JOB_WORKFLOW_TOKEN_INVALID");
	t.is(code(await create({ Authorization: `Bearer ${access_token}` })), "401 JOB_WORKFLOW_TOKEN_MISPLACED");
	t.is(code(await create(token, `${api}/jobs/job-ticket/workflow`)), "401 JOB_WORKFLOW_TOKEN_INVALID");
	t.is(code(await send(market, "GET", `${api}/tools`, undefined, token)), "400 JOB_WORKFLOW_TOKEN_MISPLACED");
	t.is(code(await send(market, "POST", `${base}/create`, { ...draft, nodes: 1 }, token)), "400 WORKFLOW_GRAPH");
	const created = await create(token);
	const id = created.body.workflow_id as string;
	t.is(code(await create(token)), "409 WORKFLOW_EXISTS");

	const complete = (workflow_id: string) =>
		job(agent, "complete", "job-workflow", { proof_text: "built", workflow_id });
	t.is(code(await complete(id)), "400 WORKFLOW_NOT_PUBLISHED");
	t.is(
		(await send(market, "PUT", `${base}/${id}`, { description: "Tested" }, token)).body.description as string,
		"Tested",
	);
	t.is(code(await send(market, "PUT", `${base}/no`, {}, token)), "404 WORKFLOW_NOT_FOUND");
	const publish = (body: object) => send(market, "POST", `${base}/${id}/publish`, body, token);
	t.is(code(await publish({ visibility: "public" })), "403 PUBLIC_PUBLISH_BLOCKED");
	t.is((await publish({})).body.visibility as string, "private");
	t.is((await send(market, "GET", `${api}/workflows?query=gauges`)).body.total as number, 0);
	t.is(code(await complete("another")), "400 WORKFLOW_NOT_PUBLISHED");
	t.is(code(await complete(id)), "200 success");
	market.clock.advance(1_801);
	t.is(code(await publish({})), "401 JOB_WORKFLOW_TOKEN_INVALID");
});

// ——— schedules ———

test("workflow-schedules: due, advanced once, with the account's bearer token", async (t) => {
	const market = await open(t);
	const due_at = new Date(Date.now() - 60_000).toISOString();
	market.schedules.push(
		{ id: "sch-1", workflow_id: "wf-1", every_seconds: 3_600, due_at, handled_at: null, outcome: null },
		{ id: "sch-2", workflow_id: "wf-2", every_seconds: 3_600, due_at, handled_at: null, outcome: null },
	);
	const bearer = { Authorization: `Bearer ${market.account.bearer}` };
	t.is(Buffer.from(market.account.bearer, "base64").toString(), `${market.account.apiKey}:${market.account.budgetKey}`);
	const due = (query = "", headers: Record<string, string> = bearer) =>
		send(market, "GET", `${api}/workflow-schedules/due${query}`, undefined, headers);
	const advance = (id: string, body: object) =>
		send(market, "POST", `${api}/workflow-schedules/${id}/advance`, body, bearer);
	t.is(code(await due("", {})), "401 UNAUTHORIZED");
	t.is(code(await due("", { Authorization: `Bearer ${market.account.apiKey}` })), "401 UNAUTHORIZED");
	t.is(code(await due("?limit=x")), "400 QUERY");
	const listed = await due("?limit=50");
	t.deepEqual(Object.keys(listed.body), ["success", "data", "request_id", "help_url", "help_doc"]);
	t.like(listed.body.data, { count: 2, items: [{ id: "sch-1", due_at }, { id: "sch-2" }] });
	t.like((await due("?limit=1")).body.data, { count: 1 });

	t.is(code(await advance("sch-1", { due_at: "2026-05-15T13:00:00.000Z", outcome: "success" })), "409 DUE_AT_MISMATCH");
	t.is(code(await advance("sch-1", { due_at })), "400 BODY");
	t.is(code(await advance("nothing", { due_at, outcome: "success" })), "400 SCHEDULE_ID");
	t.is(code(await advance("sch-9", { due_at, outcome: "success" })), "404 SCHEDULE_NOT_FOUND");
	const advanced = await advance("sch-1", { due_at, outcome: "success" });
	t.like(advanced.body.data, {
		already_advanced: false,
		schedule: { handled_at: due_at, outcome: "success" },
	});
	t.like((await advance("sch-1", { due_at, outcome: "success" })).body.data, { already_advanced: true });
	t.like((await due()).body.data, { count: 1 });
	market.clock.advance(3_600);
	t.like((await due()).body.data, { count: 2 });
});

// ——— trouble ———

test("any request can be answered with any error, late, twice, cut, or not at all", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 100);
	const path = `/api${invokePath("demo-tool", "do-it")}`;
	const call = () => invoke(agent, "demo-tool", "do-it", "{}");
	market.script.next(path, { name: "answer", status: 409, body: { code: "EXTERNAL_SIGNATURE_REQUEST_REPLAY" } });
	t.is(code(await call()), "409 EXTERNAL_SIGNATURE_REQUEST_REPLAY");
	t.is(market.executions.length, 0);
	market.script.next(path, { name: "answer", status: 502, headers: { "Retry-After": "1" }, body: "bad", at: "answer" });
	const after = await call();
	t.is(after.status, 502);
	t.is(after.headers.get("retry-after"), "1");
	t.is(market.executions.length, 1);
	market.script.next(path, { name: "wire", at: "answer", does: "reset" });
	await t.throwsAsync(call());
	market.script.next(path, { name: "wire", at: "body", does: "close" });
	await t.throwsAsync(call());
	t.is(market.executions.length, 3);
	market.script.next(path, { name: "wire", at: "request", does: "reset" });
	await t.throwsAsync(call());
	t.is(market.executions.length, 3);
	market.script.next(path, { name: "twice" });
	t.is(code(await call()), "200 success");
	t.is(code(await agent.balance()), "200 success");
	t.deepEqual(market.script.left(), []);
});
