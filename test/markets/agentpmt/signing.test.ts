/** AgentPMT's client: what is signed, sessions, and what is done about each refusal. */
import { createHash } from "node:crypto";
import test from "ava";
import { hashMessage } from "viem";
import * as hex from "../../../modules/encoding/hex.js";
import * as canonicalJson from "../../../modules/encoding/json/canonical.js";
import { signPersonalMessage } from "../../../modules/signer/eip191.js";
import { createPortableSigner } from "../../../modules/signer/portable.js";
import { messageText } from "../../../src/markets/agentpmt/message.js";
import { API, all, BALANCE, idsOf, refusal, replay, SESSION, withRig } from "./kit.js";
import type { AgentPmtRig as Rig } from "./rig.js";

test("hashes, messages, digests and signatures are those of the vectors", (t) => {
	const key = hex.decode("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");
	const keys = createPortableSigner({ keys: new Map(), random: () => {} });
	keys.importKey(0, "secp256k1", key);
	const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
	const parameters = { b: 1, a: { z: [3, 2], y: "é" }, _workflow_session_id: "wf1" };
	t.is(sha256(canonicalJson.encode({})), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
	const raw = "9b53049e3ea5ce401ac2db130eca3ba0593aa3db527613755cf9a893b51578e0";
	t.is(sha256(canonicalJson.encode(parameters)), raw);

	const wallet = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
	const shared = { wallet, session: "sess-1", request: "req-1" };
	const balance = messageText(keys, { ...shared, subject: { action: "balance", product: "-" }, payload: undefined });
	t.is(
		balance,
		`agentpmt-external\nwallet:${wallet}\nsession:sess-1\nrequest:req-1\naction:balance\nproduct:-\npayload:`,
	);
	t.is(hashMessage(balance), "0xb39f7247ba2cbf5327e1c7931f5b6cda92299e8eec2d9bf71ff7e1279731acae");
	t.is(
		signPersonalMessage(keys, 0, balance),
		"0x1bc0936ea07d9e14497953df7ddebc242961519b80b493bd23951c152891160f43360883d607da1d756459b2433cc3ee65818291639b0e3a8ffb28a93cc396501c",
	);

	const path = "/external/tools/demo-tool/actions/do-it/invoke";
	const newer = { ...shared, request: "req-2", subject: { method: "POST", path } } as const;
	const escaped = '{"_workflow_session_id":"wf1","a":{"y":"\\u00e9","z":[3,2]},"b":1}';
	t.is(
		hashMessage(messageText(keys, { ...newer, payload: escaped })),
		"0x1f56eb1c15b5e067b58f9f3b2c991b6d04bd925995d3b98fb601002603181534",
	);
	t.true(messageText(keys, { ...newer, payload: canonicalJson.encode(parameters) }).endsWith(`\npayload:${raw}`));
});

withRig("a session serves many requests, and is renewed before its time is over", async (t, rig) => {
	rig.local.sessions.seconds = 100;
	const { market } = rig.boot();
	rig.local.credits.add(market.wallet as `0x${string}`, 7);
	t.is(await market.credits.balance(), 7);
	t.is(await market.credits.balance(), 7);
	t.is(rig.local.seen(SESSION).length, 1);
	t.is(new Set(idsOf(rig.local.seen(BALANCE))).size, 2);
	rig.ahead = 96_000;
	rig.local.clock.advance(96);
	t.is(await market.credits.balance(), 7);
	t.is(rig.local.seen(SESSION).length, 2);
	t.true(rig.local.requests.every(({ status }) => status === 200));
});

for (const [code, change] of [
	["EXPIRED", (rig: Rig) => rig.local.sessions.expire()],
	["INVALID", (rig: Rig) => rig.local.sessions.all.splice(0)],
] as const) {
	withRig(`401 ${code} leads to one new session and one fresh request id`, async (t, rig) => {
		const { market } = rig.boot();
		await market.credits.balance();
		change(rig);
		t.is(await market.credits.balance(), 0);
		t.is(rig.local.seen(SESSION).length, 2);
		const asked = rig.local.seen(BALANCE);
		t.deepEqual(
			asked.map(({ status }) => status),
			[200, 401, 200],
		);
		t.is(new Set(idsOf(asked)).size, 3);

		const again = refusal(401, { success: false, error: "no", code: `EXTERNAL_SIGNATURE_SESSION_NONCE_${code}` });
		rig.local.script.next(BALANCE, again, { times: 2 });
		const error = await rig.error(market.credits.balance());
		t.is(error.name, code === "EXPIRED" ? "SessionExpired" : "SessionInvalid");
		t.is(rig.local.seen(BALANCE).length, 5);
	});
}

for (const [at, errors] of ["flat", "details", "detail"].entries()) {
	withRig(
		`expected_message in a 401 (${errors}) is reported without the session, and the request is not repeated`,
		async (t, rig) => {
			rig.local.variants.errors = errors as "flat";
			const { market } = rig.boot();
			await market.credits.balance();
			const nonce = rig.local.sessions.all[0]!.nonce;
			const details = { expected_message: `agentpmt-external\nwallet:0x1\nsession:${nonce}\nrequest:r\npayload:ab` };
			const code = at === 1 ? "EXTERNAL_SIGNATURE_MALFORMED" : "EXTERNAL_SIGNATURE_WALLET_MISMATCH";
			const said = [
				{ success: false, error: "no", code, ...details },
				{ success: false, error: "no", code, details },
				{ detail: { code, message: "no", ...details } },
			][at]!;
			rig.local.script.next(BALANCE, refusal(401, said));
			const error = await rig.error(market.credits.balance());
			t.is(error.name, at === 1 ? "SignatureMalformed" : "SignatureMismatch");
			t.true(error.message.includes("wallet:0x1\\nsession:…\\nrequest:r\\npayload:ab"), error.message);
			t.is(rig.local.seen(BALANCE).length, 2);
		},
	);
}

withRig("the market's own 401 for a wrong key is reported with what it expected", async (t, rig) => {
	const { market } = rig.boot();
	await market.credits.balance();
	rig.local.variants.errors = "details";
	Object.defineProperty(rig.keys, "signDigest", { value: () => new Uint8Array(65).fill(27) });
	const error = await rig.error(market.credits.balance());
	t.true(["SignatureMalformed", "SignatureMismatch"].includes(error.name));
	t.regex(error.message, /session:…\\nrequest:[0-9a-f]{32}\\naction:balance\\nproduct:-\\npayload:/);
});

withRig("a 409 replay of a free request is repeated once, with a fresh request id", async (t, rig) => {
	const { market } = rig.boot();
	rig.local.script.next(BALANCE, replay);
	t.is(await market.credits.balance(), 0);
	t.is(new Set(idsOf(rig.local.seen(BALANCE))).size, 2);
	rig.local.script.next(BALANCE, replay, { times: 2 });
	t.is((await rig.error(market.credits.balance())).name, "RequestReplayed");
});

const refusals: readonly (readonly [status: number, body: object, name: string, says?: RegExp])[] = [
	[400, { success: false, error: "no", code: "X" }, "RequestInvalid", /400 X "no"/],
	[401, { success: false, error: "sign", code: "Y" }, "SignatureRequired"],
	[402, { success: false, error: "Insufficient credits", code: "Z" }, "CreditsInsufficient", /buy credits first/],
	[402, { x402Version: 2, accepts: [] }, "PaymentRequired"],
	[403, {}, "Forbidden"],
	[404, {}, "NotFound"],
	[409, {}, "Conflict"],
	[
		422,
		{ detail: [{ loc: ["body", "a", 1], msg: "Field required", type: "missing", input: "s3cret" }] },
		"ValidationFailed",
		/body\.a\.1: Field required/,
	],
	[429, {}, "RateLimited"],
	[500, { success: false, error: "x".repeat(9_000) }, "ServerFailed"],
	[503, {}, "ServerFailed"],
	[302, {}, "UnexpectedAnswer"],
];
for (const [status, body, name, says = /./] of refusals) {
	withRig(`${status} ${JSON.stringify(body).slice(0, 40)} is named ${name}`, async (t, rig) => {
		rig.secrets.push("s3cret");
		rig.local.script.next(BALANCE, refusal(status, body));
		const error = await rig.error(rig.boot().market.credits.balance());
		t.is(error.name, name);
		t.regex(error.message, says);
		t.true(error.message.length < 1_000);
		t.is(rig.local.seen(BALANCE).length, 1);
	});
}

for (const status of [429, 503]) {
	withRig(`${status} with Retry-After is waited out, once`, async (t, rig) => {
		rig.local.script.next(`${API}/tools`, refusal(status, {}, { "Retry-After": "7" }));
		const boot = rig.boot();
		t.is((await all(boot.market.tools.list({ query: "weather" }))).length, 1);
		t.deepEqual(boot.waits, [7_000]);
		rig.local.script.next(`${API}/tools`, refusal(status, {}, { "Retry-After": "7" }), { times: 2 });
		await rig.error(all(boot.market.tools.list()));
		rig.local.script.next(`${API}/tools`, refusal(status, {}, { "Retry-After": "3600" }));
		await rig.error(all(boot.market.tools.list()));
		t.deepEqual(boot.waits, [7_000, 7_000]);
		t.is(rig.said.filter((said) => said.includes('"waiting"')).length, 2);
	});
}

withRig("a lost answer is requested again, once, where that changes nothing", async (t, rig) => {
	const { market } = rig.boot();
	rig.local.script.next(BALANCE, { name: "wire", at: "answer", does: "reset" });
	t.is(await market.credits.balance(), 0);
	// On a kept connection HTTP itself asks once more, since the connection may have been dead.
	rig.local.script.next(BALANCE, { name: "wire", at: "answer", does: "reset" }, { times: 3 });
	t.is((await rig.error(market.credits.balance())).name, "NoResponse");
	rig.local.script.next(BALANCE, { name: "answer", status: 200, body: "no JSON", at: "request" });
	t.is((await rig.error(market.credits.balance())).name, "AnswerMalformed");
	rig.local.script.next(SESSION, { name: "answer", status: 200, body: { session_nonce: "a\nb" }, at: "request" });
	t.is((await rig.error(rig.boot().market.credits.balance())).name, "AnswerMalformed");
});
