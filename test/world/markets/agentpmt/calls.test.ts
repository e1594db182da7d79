/** The local AgentPMT lists tools and calls them, for credits and for a direct payment; each fault can be put into an answer. */
import { decodePaymentResponseHeader } from "@x402/core/http";
import type { PaymentRequired } from "@x402/core/types";
import test from "ava";
import { usdc } from "../../../../tools/world/chain.js";
import { treasury } from "../../../../tools/world/markets/agentpmt/market.js";
import { newPayer } from "../../../../tools/world/markets/payanagent/shop/payer.js";
import { send } from "../send.js";
import { api, chain, code, invoke, invokePath, type Lines, locs, open, signer, termsOf } from "./by_hand.js";

test("tools are listed in pages of 100, by size, query and category, and a wrong parameter is answered 422", async (t) => {
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
		["?categories=sensors&query=gauge-23&page_size=3", 3],
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

test("a call by credits is signed in either dialect, and neither is accepted in the other's place", async (t) => {
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
		response: {
			status_code: 200,
			data: { success: true, output: { action: "do-it", parameters: { b: 1 } } },
			success: true,
		},
		warnings: [],
		...{ price_credits: 10, charged_credits: 10, balance_credits: 20, balance_usd: 0.2 },
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

test("the parameters are hashed as they were sent, in either spelling of canonical JSON", async (t) => {
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

test("a call that fails is refunded, and one without enough credits is a 402 without terms", async (t) => {
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

test("a call of an unknown tool or action, or with unfit parameters, charges nothing", async (t) => {
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

test("_credentials and _workflow_session_id are hashed, and the tool sees the credentials alone", async (t) => {
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

test("a direct payment is for the same bytes of bare parameters, and its answer says what was settled", async (t) => {
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
		response: {
			status_code: 200,
			data: { success: true, output: { place: "Kiel", temperature: 21.5, unit: "C" } },
			success: true,
		},
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

test("a direct payment is refused for an action without a price and within a workflow session", async (t) => {
	const market = await open(t);
	const post = async (slug: string, action: string, body: unknown) =>
		code(await send(market, "POST", `/api${invokePath(slug, action)}`, body));
	t.is(await post("credits-only", "do-it", {}), "404 X402_NOT_AVAILABLE");
	t.is(await post("demo-tool", "do-it", { _workflow_session_id: "ws" }), "400 X402_MIXED");
	t.is(await post("weather", "forecast", {}), "400 ACTION_PARAMETERS");
	t.is(await post("demo-tool", "do-it", "[]"), "400 MALFORMED");
	t.is(await post("calendar", "next-event", {}), "400 CREDENTIALS_REQUIRED");
});

test("a scripted answer can be any error, late, twice, cut, or none", async (t) => {
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

test("real tools take the parameters that their vendor's schema has, and no others", async (t) => {
	const market = await open(t);
	const agent = await signer(market, 1_000);
	const air = (parameters: string) =>
		invoke(agent, "air-quality-pollen-information", "get-current-conditions", parameters);
	const kiel = '{"latitude":54.32,"longitude":10.13}';
	t.is(code(await air(`{"include_items":["pm25"],"locations":[${kiel}],"universal_aqi":true}`)), "200 success");
	for (const wrong of [
		"{}",
		'{"locations":[{"latitude":"54","longitude":10.13}]}',
		'{"locations":[{"latitude":91,"longitude":10.13}]}',
		`{"include_items":["dust"],"locations":[${kiel}]}`,
		`{"locations":[${kiel}],"units":"metric"}`,
	])
		t.is(code(await air(wrong)), "400 ACTION_PARAMETERS", wrong);
	const point = await invoke(
		agent,
		"elevation-data-point-path-charts-statistics",
		"get-elevation",
		'{"locations":[{}]}',
	);
	t.is(code(point), "400 ACTION_PARAMETERS");
	t.is(market.credits.balance(agent.account.address), 995);
});
