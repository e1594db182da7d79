/** The local AgentPMT checks sessions, canonical hashes and signatures as its documents say. */
import test from "ava";
import { type Hex, hashMessage } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { canonicalJson, parseJson, payloadHashes } from "../../../../tools/world/markets/agentpmt/canonical_json.js";
import { type Answer, send } from "../send.js";
import { api, code, type Lines, locs, open, signer } from "./by_hand.js";

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
	test(`${text} has the canonical JSON that Python writes`, (t) => {
		t.is(canonicalJson(parseJson(text), false), raw);
		t.is(canonicalJson(parseJson(text), true), escaped);
	});
}

test("the documents' hashes are reproduced, and the market accepts the documents' signature", async (t) => {
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

test("agentaddress gives out a key with its address and mnemonic", async (t) => {
	const market = await open(t);
	const { status, body } = await send(market, "POST", `${api}/agentaddress`);
	const { evmAddress, evmPrivateKey, mnemonic } = body.data as Record<string, string>;
	t.is(status, 200);
	t.is(privateKeyToAccount(evmPrivateKey as Hex).address, evmAddress as Hex);
	t.is(mnemonic!.split(" ").length, 12);
	t.true(market.secrets().includes(evmPrivateKey!) && market.secrets().includes(mnemonic!));
});

test("a session has a nonce that expires, and what is not a wallet is answered 422", async (t) => {
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

test("a wrong session, a wrong signature and a replay have different errors", async (t) => {
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

test("errors and answers come in each shape that the market was seen to send", async (t) => {
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
