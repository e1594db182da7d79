/** The local Pactum registers accounts, gives out tokens, and keeps its operations to those who have one. */
import test from "ava";
import { call, inWords, newBuyer, newMarket } from "./by_hand.js";

const INVALID = "Invalid or expired verification code";

test("register, verify, and a token for seven days", async (t) => {
	const market = await newMarket(t);
	const email = "device@example.com";
	const post = (path: string, body: unknown) => call("POST", `${market.wallet.url}/v1${path}`, body);
	t.is(inWords(await post("/register", { email })), "200");
	const code = market.mailedCode(email)!;
	t.regex(code, /^\d{6}$/);
	t.is(inWords(await post("/verify", { email, code: code === "111111" ? "222222" : "111111" })), `400 ${INVALID}`);
	const { api_key, wallet_address } = (await post("/verify", { email, code })).body;
	t.regex(api_key, /^pk_live_[0-9a-f]{32}$/);
	t.regex(wallet_address, /^0x[0-9a-f]{40}$/);
	t.is(inWords(await post("/verify", { email, code })), `400 ${INVALID}`, "a code is good once");

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
	t.is(inWords(await post("/verify", { email, code: first })), `400 ${INVALID}`);
	market.clock.advance(5 * 60);
	const late = await post("/verify", { email, code: market.mailedCode(email) });
	t.is(inWords(late), "400 Verification code expired");
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
	t.is(inWords(await post("/recover", { email, code })), `400 ${INVALID}`, "a code is good once");
	t.is(wallet_address, wallet);
	t.not(api_key, apiKey);
	t.is(inWords(await auth(apiKey)), "401 AUTH_FAILED");
	t.is((await auth(api_key)).status, 200);
	t.is((await gateway("GET", "/orders")).status, 200, "a token lives on to its end");
	await post("/register", { email: "nobody@example.com" });
	const nobody = { email: "nobody@example.com", code: market.mailedCode("nobody@example.com") };
	t.is(inWords(await post("/recover", nobody)), "400 No account for this email");
});

test("what register, verify and auth/wallet refuse", async (t) => {
	const { wallet, gateway } = await newMarket(t);
	for (const [url, body, answer] of [
		[`${wallet.url}/v1/register`, {}, "422 body.email"],
		[`${wallet.url}/v1/register`, { email: "no address" }, "422 body.email"],
		[`${wallet.url}/v1/register`, { email: "a@b.c", name: "x" }, "422 body.name"],
		[`${wallet.url}/v1/register`, "not JSON", "422 body.0"],
		[`${wallet.url}/v1/verify`, { email: "a@b.c" }, "422 body.code"],
		[`${wallet.url}/v1/verify`, { email: "a@b.c", code: 123456 }, "422 body.code"],
		[`${wallet.url}/v1/verify`, { email: "a@b.c", code: "12345" }, "422 body.code"],
		[`${gateway.url}/market/auth/wallet`, {}, "400 MISSING_API_KEY"],
		[`${gateway.url}/market/auth/wallet`, { api_key: "pk_live_0" }, "401 AUTH_FAILED"],
		[`${gateway.url}/v1/register`, { email: "a@b.c" }, "404 Not Found"],
		[`${wallet.url}/market/auth/wallet`, { api_key: "x" }, "404 Not Found"],
	] as const)
		t.is(inWords(await call("POST", url, body)), answer, `${url} ${JSON.stringify(body)}`);
	const form = { "content-type": "application/x-www-form-urlencoded" };
	t.is(inWords(await call("POST", `${wallet.url}/v1/register`, '{"email":"a@b.c"}', form)), "422 body");
});

test("three codes a minute, and five tries of one", async (t) => {
	const market = await newMarket(t);
	const email = "device@example.com";
	const post = (path: string, body: unknown) => call("POST", `${market.wallet.url}/v1${path}`, body);
	for (let i = 0; i < 3; i++) t.is((await post("/register", { email })).status, 200);
	t.is(inWords(await post("/register", { email })), "429 Rate limit exceeded. Max 3 requests per 60s.");
	for (let i = 0; i < 5; i++) t.is((await post("/verify", { email, code: "000000" })).status, 400);
	t.is((await post("/verify", { email, code: market.mailedCode(email) })).status, 429);
	market.clock.advance(61);
	t.is((await post("/verify", { email, code: market.mailedCode(email) })).status, 200);
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
	t.is(inWords(await call("POST", deposit, {})), "403 Not authenticated");
	const wrong = (key: string) => call("POST", deposit, {}, { authorization: `Bearer ${key}` });
	t.is(inWords(await wrong(token)), "401 Invalid API key format");
	t.is(inWords(await wrong(`pk_live_${"0".repeat(32)}`)), "401 Invalid API key");
	const fresh = (await call("POST", `${market.gateway.url}/market/auth/wallet`, { api_key: apiKey })).body.token;
	t.not(fresh, token);
	const authorization = `Bearer ${fresh}`;
	t.is((await call("GET", `${market.gateway.url}/market/orders`, undefined, { authorization })).status, 200);
});
