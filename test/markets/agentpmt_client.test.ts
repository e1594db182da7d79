/**
 * AgentPMT's client against the local market: every operation of both documents, what is done about each refusal, and what
 * is charged when answers are lost. What money is concerned is asked of the market's own books and of the chain.
 */
import { createHash } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { hashMessage } from "viem";
import * as canonicalJson from "../../modules/encoding/canonical_json.js";
import * as hex from "../../modules/encoding/hex.js";
import { addressOfPublicKey } from "../../modules/signer/address.js";
import { signPersonalMessage } from "../../modules/signer/eip191.js";
import { createPortableSigner } from "../../modules/signer/portable.js";
import type { AgentPmtError } from "../../src/markets/agentpmt/errors.js";
import { messageText } from "../../src/markets/agentpmt/message.js";
import { type Chain, eurc, startChain, usdc } from "../world/chain.js";
import type { SeenRequest } from "../world/requests.js";
import { treasury } from "./agentpmt/market.js";
import { open, AgentPmtRig as Rig } from "./agentpmt_client/rig.js";

const API = "/api/external";
const BALANCE = `${API}/credits/balance`;
const PURCHASE = `${API}/credits/purchase`;
const SESSION = `${API}/auth/session`;
const DO_IT = `${API}/tools/demo-tool/actions/do-it/invoke`;
const FORECAST = `${API}/tools/weather/actions/forecast/invoke`;
const KIEL = '{"place":"Kiel"}';

let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

/** A test with a market and a device of its own; at its end nothing secret was said or kept. */
function withRig(title: string, run: (t: ExecutionContext, rig: Rig) => Promise<void>): void {
	test(title, async (t) => {
		const rig = await open(t, chain);
		await run(t, rig);
		rig.isSilent(t);
		t.deepEqual(rig.local.script.left(), []);
	});
}

const bodyOf = ({ body }: SeenRequest): Record<string, unknown> => JSON.parse(body.toString());
const idsOf = (requests: readonly SeenRequest[]): unknown[] => requests.map((request) => bodyOf(request).request_id);

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
	const items: T[] = [];
	for await (const item of list) items.push(item);
	return items;
}

/** What the market refuses with, in one answer. */
const refusal = (status: number, body: object | string = {}, headers = {}) =>
	({ name: "answer", status, body, headers }) as const;
const replay = refusal(409, { success: false, error: "used", code: "EXTERNAL_SIGNATURE_REQUEST_REPLAY" });

// ——— what is signed ———

test("vectors: hashes, messages, digests and signatures, byte for byte", (t) => {
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

// ——— sessions ———

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
	withRig(`401 ${code}: a new session and a fresh request id, once`, async (t, rig) => {
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
	withRig(`401 with expected_message, ${errors}: reported without the session, and not sent again`, async (t, rig) => {
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
	});
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

withRig("409 replay of what costs nothing: a fresh request id, once", async (t, rig) => {
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
	withRig(`${status} ${JSON.stringify(body).slice(0, 40)}: ${name}`, async (t, rig) => {
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
	withRig(`${status} with Retry-After is waited for, once`, async (t, rig) => {
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

withRig("an answer that is lost is asked for again, once, where nothing changes by it", async (t, rig) => {
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

// ——— tools ———

for (const answers of ["flat", "data"] as const) {
	withRig(`tools: page by page, ${answers}; filtered; left early`, async (t, rig) => {
		rig.local.variants.answers = answers;
		const { market } = rig.boot();
		const tools = await all(market.tools.list());
		t.deepEqual(
			tools.map(({ slug }) => slug),
			rig.local.tools.map(({ slug }) => slug),
		);
		t.is(rig.local.seen(`${API}/tools`).length, 3);
		t.like(tools[1], { name: "weather", actions: [{ slug: "forecast", credits: 5 }, { slug: "history" }] });
		t.is((await all(market.tools.list({ categories: "data,office", pageSize: 1 }))).length, 2);
		const before = rig.local.seen(`${API}/tools`).length;
		for await (const { slug } of market.tools.list({ pageSize: 7 })) if (slug === "weather") break;
		t.is(rig.local.seen(`${API}/tools`).length, before + 1);
		t.is(rig.local.connections(), 1);
	});
}

withRig("find and quote: actions with their prices in dollars", async (t, rig) => {
	const { market } = rig.boot();
	t.deepEqual(await all(market.find("weather")), [
		{ id: "weather/forecast", name: "weather: forecast", price: "0.05" },
		{ id: "weather/history", name: "weather: history", price: "2" },
	]);
	t.like(await market.quote("weather/history"), { id: "weather/history", price: "2" });
	t.like(await market.quote("x402:demo-tool/do-it"), { id: "x402:demo-tool/do-it", price: "0.1" });
	t.deepEqual(await market.quote("credits:1500"), { id: "credits:1500", name: "1500 AgentPMT credits", price: "15" });
	t.like(await market.quote("twofold/same"), { price: "0.02" });
	t.is((await rig.error(market.quote("weather/no"))).name, "NotFound");
	for (const offer of ["weather", "a/b/c", "../x/y", "a b/c", "card:5", "credits:0", "credits:x", "x402:weather", ""]) {
		const error = await rig.error(market.quote(offer));
		t.true(["OfferInvalid", "IdInvalid"].includes(error.name), `${offer}: ${error.name}`);
	}
	rig.options = { dialect: "older" };
	const older = rig.boot().market;
	const { product_id } = rig.local.tools[1]!;
	t.like((await all(older.find("weather")))[0], { id: product_id, price: undefined });
	t.like(await older.quote(product_id), { id: product_id, price: "2" });
	t.is((await rig.error(older.quote("weather/forecast"))).name, "OfferInvalid");
});

// ——— calls out of the balance ———

/** A device with credits, whose wallet is ready. */
function funded(rig: Rig, credits = 100) {
	const boot = rig.boot();
	const wallet = boot.market.wallet as `0x${string}`;
	rig.local.credits.add(wallet, credits);
	return { boot, wallet };
}

withRig(
	"a call out of the balance: signed over its path, charged once, and counted at what it cost",
	async (t, rig) => {
		const { boot, wallet } = funded(rig);
		const outcome = await boot.buy("weather/forecast", '{ "place": "Kiel", "10": 1, "9": "é\\u2028" }');
		t.like(outcome, { state: "delivered", outcome: "paid" });
		t.deepEqual(JSON.parse(boot.delivered[0]!).response, { place: "Kiel", temperature: 21.5, unit: "C" });
		const [request] = rig.local.seen(FORECAST);
		t.true(request!.body.toString().endsWith(',"parameters":{"10":1,"9":"é\u2028","place":"Kiel"}}'));
		t.deepEqual(Object.keys(bodyOf(request!)), [
			...["wallet_address", "session_nonce", "request_id", "signature", "parameters"],
		]);
		t.is(rig.charged(wallet), 5);
		t.deepEqual(rig.spentBy(), { credit: 5n });
		t.like(rig.record(), { state: "delivered", outcome: "paid", network: "account:agentpmt", rule: "rule 1" });
		t.false(["x-payment", "payment-signature", "payment", "authorization"].some((name) => name in request!.headers));
	},
);

withRig("in the older dialect: by the product's id, over action and product", async (t, rig) => {
	rig.options = { dialect: "older" };
	rig.local.variants.dialects = ["older"];
	const { boot, wallet } = funded(rig, 300);
	const { product_id } = rig.local.tools[1]!;
	// The list has two actions, of which the market runs the first: the dearer price was taken, and the real one counts.
	t.like(await boot.buy(product_id, KIEL), { state: "delivered" });
	t.is(rig.local.seen(`${API}/tools/${product_id}/invoke`).length, 1);
	t.is(rig.charged(wallet), 5);
	t.deepEqual(rig.spentBy(), { credit: 5n });
	t.is((await rig.error(boot.buy("weather/forecast", KIEL))).name, "OfferInvalid");
	t.is((await rig.error(boot.buy(`x402:${product_id}`, KIEL))).name, "OfferInvalid");
});

withRig(
	"parameters that cannot be hashed alike by two programs are refused, and nothing of them is said",
	async (t, rig) => {
		const { boot } = funded(rig);
		const secret = "s3cret-word";
		rig.secrets.push(secret);
		for (const [input, name] of [
			[`{"${secret}":0.5}`, "NotEncodable"],
			[`{"a":12345678901234567890,"b":"${secret}"}`, "NotEncodable"],
			[`{"a":"${secret}`, "ParametersInvalid"],
			[`["${secret}"]`, "ParametersInvalid"],
			["null", "ParametersInvalid"],
			['{"a":"\\ud800"}', "LoneSurrogate"],
		] as const) {
			t.is((await rig.error(boot.buy("demo-tool/do-it", input))).name, name, input);
		}
		t.is(rig.record(), undefined);
		t.is(rig.local.requests.length, 0);
	},
);

withRig("_credentials of one tool go to it alone; a workflow session is hashed with the call", async (t, rig) => {
	const token = "ya29.secret-of-the-calendar";
	rig.secrets.push(token);
	rig.options = { credentials: { calendar: { google_oauth: { access_token: token } } } };
	const { boot } = funded(rig);
	const { id } = await boot.market.workflows.start("wf-1");
	t.like(await boot.buy("calendar/next-event", `{"_workflow_session_id":"${id}"}`), { state: "delivered" });
	t.like(rig.local.executions[0], {
		workflowSession: id,
		parameters: { _credentials: { google_oauth: { access_token: token } } },
	});
	const second = rig.boot({ period: 2 });
	const input = { parameters: "", workflowSession: id };
	t.like(await second.market.tools.invoke("demo-tool/do-it", input, second.payers.account, second.deliver), {
		state: "delivered",
	});
	t.deepEqual(rig.local.executions[1]!.parameters, {});
	t.is(rig.local.executions[1]!.workflowSession, id);
	// Even a market that repeats a credential does not get it into an error.
	const path = `${API}/tools/calendar/actions/next-event/invoke`;
	rig.local.script.next(path, refusal(400, { success: false, error: `${token} is bad`, code: "CREDENTIALS" }));
	const outcome = await rig.boot({ period: 3 }).buy("calendar/next-event");
	t.like(outcome, { state: "refused", outcome: "RequestInvalid" });
	t.true(outcome.detail.includes('"… is bad"'));
});

withRig("what may not be spent is not asked for", async (t, rig) => {
	const { boot, wallet } = funded(rig, 3);
	const poor = await rig.error(boot.buy("weather/forecast", KIEL));
	t.is(poor.name, "CreditsInsufficient");
	t.regex(poor.message, /costs 5 credits, the balance is 3/);
	rig.local.credits.add(wallet, 100);
	t.is((await rig.error(rig.boot({ cap: 4 }).buy("weather/forecast", KIEL))).name, "OverPlanCap");
	rig.rule = { maxPerPayment: new Uint8Array(32) };
	t.is((await rig.error(rig.boot().buy("weather/forecast", KIEL))).name, "OverPaymentCap");
	rig.rule = { origin: "https://www.agentpmt.com" };
	t.is((await rig.error(rig.boot().buy("weather/forecast", KIEL))).name, "NoRule");
	t.is(rig.local.seen(FORECAST).length, 0);
	t.is(rig.record(), undefined);
});

withRig("a tool whose price is not listed takes what the plan allows, and counts what it cost", async (t, rig) => {
	const { boot, wallet } = funded(rig, 300);
	const [action] = rig.local.tools[0]!.actions;
	(rig.local.tools[0] as { actions: unknown }).actions = [{ ...action, credits: undefined }];
	rig.local.script.next(
		`${API}/tools`,
		{ name: "answer", status: 200, body: { tools: [{ slug: "demo-tool", actions: [{ slug: "do-it" }] }] } },
		{ times: 2 },
	);
	(rig.local.tools[0] as { actions: unknown }).actions = [{ ...action, credits: 37 }];
	t.is((await boot.market.quote("demo-tool/do-it")).price, undefined);
	t.like(await boot.buy("demo-tool/do-it"), { state: "delivered" });
	t.is(rig.charged(wallet), 37);
	t.deepEqual(rig.spentBy(), { credit: 37n });
});

withRig("a market that charges more than its list says is counted at what it took", async (t, rig) => {
	const { boot, wallet } = funded(rig, 300);
	const tool = rig.local.tools[0] as { actions: readonly { credits: number }[] };
	rig.local.script.next(DO_IT, { name: "wire", at: "request", does: { milliseconds: 1 } });
	const list = boot.market.tools.price.bind(boot.market.tools);
	boot.market.tools.price = async (offer) => {
		const price = await list(offer);
		tool.actions = [{ ...tool.actions[0]!, credits: 90 }];
		return price;
	};
	t.like(await boot.buy("demo-tool/do-it"), { state: "delivered" });
	t.is(rig.charged(wallet), 90);
	t.deepEqual(rig.spentBy(), { credit: 90n });
});

interface CallCase {
	/** What the requests to the tool meet, in order. */
	readonly steps: readonly Parameters<Rig["local"]["script"]["next"]>[1][];
	readonly ends: string;
	readonly charged: number;
	readonly counted: bigint;
	/** Requests to the tool, and different request ids among them. */
	readonly sends: number;
	readonly ids: number;
}

const lost = (at: "request" | "answer" | "headers" | "body") => ({ name: "wire", at, does: "reset" }) as const;
const calls: Readonly<Record<string, CallCase>> = {
	"the request is lost": {
		steps: [lost("request")],
		ends: "delivered paid",
		charged: 10,
		counted: 10n,
		sends: 2,
		ids: 1,
	},
	"the answer is lost": {
		steps: [lost("answer")],
		ends: "unknown charged_undelivered",
		charged: 10,
		counted: 10n,
		sends: 1,
		ids: 1,
	},
	"the answer is cut": {
		steps: [lost("body")],
		ends: "unknown answer_lost",
		charged: 10,
		counted: 10n,
		sends: 1,
		ids: 1,
	},
	"the head comes, and no body": {
		steps: [lost("headers")],
		ends: "unknown answer_lost",
		charged: 10,
		counted: 10n,
		sends: 1,
		ids: 1,
	},
	"every request is lost": {
		steps: [lost("request"), lost("request"), lost("request"), lost("request")],
		ends: "unknown answer_lost",
		charged: 0,
		counted: 10n,
		sends: 4,
		ids: 1,
	},
	"the answer comes twice": {
		steps: [{ name: "twice" }],
		ends: "delivered paid",
		charged: 10,
		counted: 10n,
		sends: 1,
		ids: 1,
	},
	"replay, and nothing was charged": {
		steps: [replay],
		ends: "delivered paid",
		charged: 10,
		counted: 10n,
		sends: 2,
		ids: 2,
	},
	"replay, twice": {
		steps: [replay, replay],
		ends: "unknown RequestReplayed",
		charged: 0,
		counted: 10n,
		sends: 2,
		ids: 2,
	},
	"replay, of a call that was made": {
		steps: [{ ...replay, at: "answer" }],
		ends: "unknown charged_undelivered",
		charged: 10,
		counted: 10n,
		sends: 1,
		ids: 1,
	},
	"the session is over": {
		steps: [refusal(401, { code: "EXTERNAL_SIGNATURE_SESSION_NONCE_EXPIRED" })],
		ends: "delivered paid",
		charged: 10,
		counted: 10n,
		sends: 2,
		ids: 2,
	},
	"the session is over, twice": {
		steps: [
			refusal(401, { code: "EXTERNAL_SIGNATURE_SESSION_NONCE_INVALID" }),
			refusal(401, { code: "EXTERNAL_SIGNATURE_SESSION_NONCE_INVALID" }),
		],
		ends: "refused SessionInvalid",
		charged: 0,
		counted: 0n,
		sends: 2,
		ids: 2,
	},
	"the session is over after a lost request": {
		steps: [lost("request"), refusal(401, { code: "EXTERNAL_SIGNATURE_SESSION_NONCE_EXPIRED" })],
		ends: "delivered paid",
		charged: 10,
		counted: 10n,
		sends: 3,
		ids: 1,
	},
	"a wrong signature": {
		steps: [refusal(401, { code: "EXTERNAL_SIGNATURE_WALLET_MISMATCH", expected_message: "agentpmt-external" })],
		ends: "refused SignatureMismatch",
		charged: 0,
		counted: 0n,
		sends: 1,
		ids: 1,
	},
	"too few credits after all": {
		steps: [refusal(402, { success: false, error: "Insufficient credits", code: "INSUFFICIENT_CREDITS" })],
		ends: "refused CreditsInsufficient",
		charged: 0,
		counted: 0n,
		sends: 1,
		ids: 1,
	},
	"x402 terms": {
		steps: [refusal(402, { x402Version: 2, accepts: [] })],
		ends: "refused PaymentRequired",
		charged: 0,
		counted: 0n,
		sends: 1,
		ids: 1,
	},
	"an ambiguous action": {
		steps: [refusal(409, { code: "ACTION_AMBIGUOUS" })],
		ends: "refused ActionAmbiguous",
		charged: 0,
		counted: 0n,
		sends: 1,
		ids: 1,
	},
	"a lost request, then refused": {
		steps: [lost("request"), refusal(404, {})],
		ends: "unknown NotFound",
		charged: 0,
		counted: 10n,
		sends: 2,
		ids: 1,
	},
	"a server that has failed": {
		steps: [refusal(500, {})],
		ends: "refused ServerFailed",
		charged: 0,
		counted: 0n,
		sends: 1,
		ids: 1,
	},
	"a gateway that has failed after the call": {
		steps: [{ ...refusal(502, "bad gateway"), at: "answer" }],
		ends: "unknown charged_undelivered",
		charged: 10,
		counted: 10n,
		sends: 1,
		ids: 1,
	},
	"too many requests": {
		steps: [refusal(429, {}, { "Retry-After": "2" })],
		ends: "delivered paid",
		charged: 10,
		counted: 10n,
		sends: 2,
		ids: 1,
	},
	"busy, and done all the same": {
		steps: [{ ...refusal(503, {}, { "Retry-After": "2" }), at: "answer" }],
		ends: "unknown charged_undelivered",
		charged: 10,
		counted: 10n,
		sends: 1,
		ids: 1,
	},
};
for (const [title, { steps, ends, charged, counted, sends, ids }] of Object.entries(calls)) {
	withRig(`a call out of the balance: ${title}`, async (t, rig) => {
		const { boot, wallet } = funded(rig);
		for (const step of steps) rig.local.script.next(DO_IT, step);
		const { state, outcome } = await boot.buy("demo-tool/do-it");
		t.is(`${state} ${outcome}`, ends);
		t.is(rig.charged(wallet), charged);
		t.deepEqual(rig.spentBy(), { credit: counted });
		const seen = rig.local.seen(DO_IT);
		t.is(seen.length, sends);
		t.is(new Set(idsOf(seen)).size, ids);
		t.is(rig.record()!.progress.length, 0);
	});
}

withRig(
	"after a restart the balance is asked first: a market could know request ids by their session",
	async (t, rig) => {
		const { boot, wallet } = funded(rig);
		rig.local.script.next(DO_IT, { name: "wire", at: "answer", does: "silence" });
		boot.buy("demo-tool/do-it").catch(() => {});
		while (rig.local.executions.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
		boot.off();
		t.like(await rig.boot().buy("demo-tool/do-it"), { state: "unknown", outcome: "charged_undelivered" });
		t.is(rig.local.seen(DO_IT).length, 1);
		t.is(rig.charged(wallet), 10);
	},
);

withRig("a tool that fails is refunded, and counts nothing", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	t.like(await boot.buy("unlucky/fail"), { state: "refused", outcome: "ServerFailed" });
	t.is(rig.charged(wallet), 0);
	t.deepEqual(rig.spentBy(), { credit: 0n });
});

withRig("when the balance cannot be asked either, it is not known, and counts", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	rig.local.script.next(DO_IT, lost("answer"));
	rig.local.script.next(BALANCE, refusal(500), { when: () => rig.local.seen(DO_IT).length > 0 });
	t.like(await boot.buy("demo-tool/do-it"), { state: "unknown", outcome: "answer_lost" });
	t.is(rig.charged(wallet), 10);
	t.deepEqual(rig.spentBy(), { credit: 10n });
});

withRig("credits that come in meanwhile prove nothing", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	rig.local.script.next(DO_IT, lost("request"));
	rig.onWait = () => rig.local.credits.add(wallet, 500);
	t.like(await boot.buy("demo-tool/do-it"), { state: "unknown", outcome: "answer_lost" });
	t.is(rig.local.seen(DO_IT).length, 1);
});

withRig("a sink that fails does not call again", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	boot.deliver = async () => {
		throw new RangeError("the sink is full");
	};
	t.like(await boot.buy("demo-tool/do-it"), { state: "unknown", outcome: "RangeError", detail: "the sink is full" });
	t.is(rig.charged(wallet), 10);
});

// ——— credits ———

/** A device with dollars. */
async function rich(rig: Rig, dollars = 100) {
	const boot = rig.boot();
	const wallet = boot.market.wallet as `0x${string}`;
	await chain.mint(wallet, BigInt(dollars) * 1_000_000n);
	return { boot, wallet };
}

for (const terms of ["header and body", "header", "body"] as const) {
	for (const dialect of ["newer", "older"] as const) {
		withRig(`credits, ${dialect}, terms in ${terms}: one pack, one payment in one header`, async (t, rig) => {
			rig.local.variants.terms = terms;
			rig.local.variants.chainRequired = dialect === "newer";
			rig.options = { dialect };
			const { boot, wallet } = await rich(rig);
			const outcome = await boot.buy("credits:500");
			t.like(outcome, { state: "delivered", outcome: "paid" });
			t.like(JSON.parse(boot.delivered[0]!), { credits: 500, balance: 500, transaction_hash: outcome.transaction });
			const [asked, paid] = rig.local.seen(PURCHASE);
			const shared = { wallet_address: wallet, credits: 500, payment_method: "x402" };
			t.deepEqual(bodyOf(asked!), dialect === "newer" ? { ...shared, chain_id: 84532, token: "USDC" } : shared);
			t.deepEqual(asked!.body, paid!.body);
			const headers = ["x-payment", "payment-signature", "payment"].filter((name) => name in paid!.headers);
			t.deepEqual(headers, [dialect === "newer" ? "x-payment" : "payment-signature"]);
			t.is(rig.local.credits.balance(wallet), 500);
			const transfers = await chain.transfers(wallet);
			t.like(transfers, { length: 1 });
			t.like(transfers[0], { to: treasury, value: 5_000_000n });
			t.deepEqual(rig.spentBy(), { [usdc.address.toLowerCase()]: 5_000_000n });
		});
	}
}

for (const errors of ["flat", "details", "detail"] as const) {
	withRig(`credits: the suggested pack is bought within the plan's cap, ${errors}`, async (t, rig) => {
		rig.local.variants.errors = errors;
		const { wallet } = await rich(rig);
		const error = await rig.error(rig.boot({ cap: 9_999_999 }).buy("credits:700"));
		t.is(error.name, "OverPlanCap");
		t.is(rig.record(), undefined);
		t.like(await rig.boot({ cap: 10_000_000 }).buy("credits:700"), { state: "delivered" });
		t.is(rig.local.credits.balance(wallet), 1_000);
		t.like((await chain.transfers(wallet))[0], { value: 10_000_000n });
	});
}

withRig("credits: a suggestion that is no pack, and one after another, are errors", async (t, rig) => {
	await rich(rig);
	rig.local.script.next(PURCHASE, refusal(400, { error: "no", code: "PACK", suggested_credits: 750 }));
	const odd = (await rig.error(rig.boot().buy("credits:700"))) as AgentPmtError;
	t.is(odd.name, "CreditPackInvalid");
	t.is(odd.suggestedCredits, 750);
	t.regex(odd.message, /400 PACK "no" and suggests 750/);
	rig.local.script.next(PURCHASE, refusal(400, { error: "no", suggested_credits: 1_000 }));
	rig.local.script.next(PURCHASE, refusal(400, { error: "no", suggested_credits: 1_500 }));
	t.is((await rig.error(rig.boot().buy("credits:700"))).name, "CreditPackInvalid");
	t.is(rig.record(), undefined);
});

withRig("credits: a price that is not the documented one, or on another chain, is not signed", async (t, rig) => {
	await rich(rig);
	const accepts = (more: object) => ({
		x402Version: 2,
		resource: { url: rig.local.url + PURCHASE },
		accepts: [
			{
				scheme: "exact",
				network: "eip155:84532",
				amount: "5000000",
				asset: usdc.address,
				payTo: treasury,
				maxTimeoutSeconds: 240,
				extra: { name: "USDC", version: "2" },
				...more,
			},
		],
	});
	for (const [more, name] of [
		[{ amount: "5000001" }, "PackPrice"],
		[{ amount: "4999999" }, "PackPrice"],
		[{ network: "eip155:8453" }, "PackPrice"],
		[{ payTo: `0x${"11".repeat(20)}` }, "PayToNotPinned"],
		[{ asset: eurc.address }, "NoRule"],
	] as const) {
		rig.local.script.next(PURCHASE, refusal(402, accepts(more)));
		t.is((await rig.error(rig.boot().buy("credits:500"))).name, name);
	}
	t.is(rig.record(), undefined);
	t.true(rig.local.seen(PURCHASE).every(({ payment }) => payment === undefined));
});

withRig("credits: terms of 300 s are paid with an authorization of 240 s at most", async (t, rig) => {
	rig.local.variants.maxTimeoutSeconds = 300;
	const { boot } = await rich(rig);
	t.like(await boot.buy("credits:500"), { state: "delivered" });
	const { time, validBefore } = rig.record()!;
	t.is(validBefore - time, 240);
});

withRig("credits: a sponsor's order names who pays", async (t, rig) => {
	// The slot's key pays; the market is told so, though it is the wallet's own here.
	const { wallet } = await rich(rig);
	rig.options = { payer: wallet };
	t.like(await rig.boot().buy("credits:500"), { state: "delivered" });
	t.is(bodyOf(rig.local.seen(PURCHASE)[0]!).payer_wallet_address, wallet);
});

withRig("credits: in EURC, by rules that allow it, and no suggestion is followed", async (t, rig) => {
	const { wallet } = await rich(rig);
	await chain.mint(wallet, 100_000_000n, eurc);
	rig.options = { token: "EURC" };
	const asset = { ...eurc, address: eurc.address.toLowerCase(), network: chain.network, symbol: "EURC", decimals: 6 };
	const rules = rig.rules.bind(rig);
	rig.rules = () => rules().map((rule) => ({ ...rule, asset, methods: ["eip3009"], payTo: [treasury.toLowerCase()] }));
	t.is((await rig.error(rig.boot().buy("credits:700"))).name, "CreditPackInvalid");
	t.like(await rig.boot().buy("credits:500"), { state: "delivered" });
	t.is(await chain.balanceOf(wallet, eurc), 95_000_000n);
});

withRig("credits: the answer is lost after settlement, and the same payment brings the same grant", async (t, rig) => {
	const { boot, wallet } = await rich(rig);
	const isPaid = { when: (request: { headers: object }) => "x-payment" in request.headers };
	rig.local.script.next(PURCHASE, lost("answer"), isPaid);
	t.like(await boot.buy("credits:500"), { state: "delivered", outcome: "paid" });
	const paid = rig.local.seen(PURCHASE).filter(({ headers }) => "x-payment" in headers);
	t.is(paid.length, 2);
	t.is(new Set(paid.map(({ headers }) => headers["x-payment"])).size, 1);
	t.deepEqual(paid[0]!.body, paid[1]!.body);
	t.is((await chain.transfers(wallet)).length, 1);
	t.is(rig.local.credits.balance(wallet), 500);
});

withRig("credits: a transaction that somebody has sent is claimed, once it has its confirmations", async (t, rig) => {
	const { boot, wallet } = await rich(rig);
	const hash = await chain.client.writeContract({
		account: wallet,
		address: usdc.address,
		abi: [
			{
				type: "function",
				name: "transfer",
				stateMutability: "nonpayable",
				inputs: [
					{ name: "to", type: "address" },
					{ name: "value", type: "uint256" },
				],
				outputs: [{ type: "bool" }],
			},
		],
		functionName: "transfer",
		args: [treasury, 5_000_000n],
		gasPrice: 0n,
	});
	await chain.client.waitForTransactionReceipt({ hash });
	rig.local.variants.confirmations = 3n;
	let waits = 0;
	const mined: Promise<unknown>[] = [];
	rig.onWait = () => {
		waits++;
		mined.push(chain.client.mine({ blocks: 1 }));
	};
	const grant = await boot.market.credits.claim({ credits: 500, requestId: "claim-1", email: "a@example.com" }, hash);
	await Promise.all(mined);
	t.deepEqual(grant, { credits: 500, balance: 500, transaction: hash });
	t.true(waits >= 1 && waits <= 4);
	t.like(bodyOf(rig.local.seen(PURCHASE)[0]!), {
		request_id: "claim-1",
		email: "a@example.com",
		transaction_hash: hash,
	});
	t.deepEqual(await boot.market.credits.claim({ credits: 500 }, hash), grant);
	t.is((await rig.error(boot.market.credits.claim({ credits: 1_000 }, hash))).name, "Conflict");
	rig.local.variants.confirmations = 1_000n;
	const other = `0x${"12".repeat(32)}`;
	t.is((await rig.error(boot.market.credits.claim({ credits: 500 }, other))).name, "TransactionUnconfirmed");
	t.is(rig.record(), undefined);
});

// ——— calls paid on the spot ———

withRig(
	"a call paid on the spot: the parameters bare, the same bytes twice, the payment in X-PAYMENT",
	async (t, rig) => {
		const { boot, wallet } = await rich(rig);
		const outcome = await boot.buy("x402:weather/forecast", '{ "place": "Kiel", "factor": 0.5 }');
		t.like(outcome, { state: "delivered", outcome: "paid" });
		t.like(JSON.parse(boot.delivered[0]!), { response: { place: "Kiel" }, x402: { transaction: outcome.transaction } });
		const [asked, paid] = rig.local.seen(FORECAST);
		t.is(asked!.body.toString(), '{"place":"Kiel","factor":0.5}');
		t.deepEqual(asked!.body, paid!.body);
		t.is(asked!.payment, undefined);
		t.truthy(paid!.headers["x-payment"]);
		t.false("payment-signature" in paid!.headers);
		t.like((await chain.transfers(wallet))[0], { value: 50_000n, to: treasury });
		t.deepEqual(rig.spentBy(), { [usdc.address.toLowerCase()]: 50_000n });
		t.is(rig.local.seen(SESSION).length, 0);
	},
);

withRig(
	"a call paid on the spot: what there is not and what does not fit has its name, and nothing is signed",
	async (t, rig) => {
		const token = "ya29.secret-of-the-calendar";
		rig.secrets.push(token);
		rig.options = { credentials: { calendar: { google: { access_token: token } } } };
		for (const [offer, input, name] of [
			["x402:credits-only/do-it", "", "NotFound"],
			["x402:no-tool/do-it", "", "NotFound"],
			["x402:twofold/same", "", "ActionAmbiguous"],
			["x402:weather/forecast", "", "RequestInvalid"],
			["x402:calendar/next-event", "", "RequestInvalid"],
			["x402:demo-tool/do-it", '{"_workflow_session_id":"ws"}', "RequestInvalid"],
			["x402:demo-tool/do-it", "[]", "ParametersInvalid"],
		] as const) {
			t.is((await rig.error(rig.boot().buy(offer, input))).name, name, offer);
		}
		const boot = rig.boot();
		const input = { parameters: "", workflowSession: "ws" };
		const direct = boot.market.tools.invokeDirectly("demo-tool/do-it", input, boot.payers.x402, boot.deliver);
		t.is((await rig.error(direct)).name, "OfferInvalid");
		t.is((await rig.error(rig.boot({ cap: 99_999 }).buy("x402:demo-tool/do-it"))).name, "OverPlanCap");
		t.is(rig.record(), undefined);
	},
);

withRig("a call paid on the spot: in progress, failed, lost and settled, as x402 has them", async (t, rig) => {
	const { wallet } = await rich(rig);
	const path = DO_IT;
	let period = 1;
	const buy = () => rig.boot({ period: period++ }).buy("x402:demo-tool/do-it");
	const isPaid = { when: (request: { headers: object }) => "x-payment" in request.headers };
	rig.local.script.next(path, refusal(409, { code: "X402_PAYMENT_IN_PROGRESS" }), isPaid);
	t.like(await buy(), { state: "delivered" });
	rig.local.faults.add(path, { name: "handler-status", status: 503 });
	t.like(await buy(), { state: "delivered" });
	rig.local.faults.add(path, { name: "settle-lost", message: "fetch failed" });
	t.like(await buy(), { state: "unknown", outcome: "settlement_failed" });
	rig.local.script.next(path, lost("answer"), isPaid);
	t.like(await buy(), { state: "unknown", outcome: "nonce_already_used" });
	rig.local.script.next(path, refusal(400, { code: "X402_BODY_MISMATCH" }), isPaid);
	t.like(await buy(), { state: "refused", outcome: "handler_refused" });
	t.is((await chain.transfers(wallet)).length, 4);
});

// ——— workflows ———

for (const answers of ["flat", "data"] as const) {
	withRig(`workflows: listed, fetched, read, started, found and ended, ${answers}`, async (t, rig) => {
		rig.local.variants.answers = answers;
		const boot = rig.boot();
		const { workflows } = boot.market;
		const listed = await all(workflows.list());
		t.deepEqual(
			listed.map(({ id }) => id),
			rig.local.workflows.map(({ id }) => id),
		);
		t.deepEqual(
			rig.local.seen(`${API}/workflows`).map(({ url }) => url.split("?")[1]),
			["limit=20&skip=0", "limit=20&skip=20", "limit=20&skip=40"],
		);
		const filter = { query: "ticket", categories: "support", industryTags: "software", publisher: "agentpmt" };
		t.deepEqual(
			(await all(workflows.list({ ...filter, limit: 1 }))).map(({ name }) => name),
			["Handle inbound support ticket"],
		);
		await workflows.fetch("wf-1", boot.deliver);
		t.regex(boot.delivered[0]!, /"nodes":\[/);
		await workflows.markdown("wf-0", boot.deliver);
		t.regex(boot.delivered[1]!, /^---\nname: Handle inbound support ticket\n/);

		const first = await workflows.start("wf-1");
		const second = await workflows.start("wf-1", "b");
		t.is((await workflows.start("wf-1")).id, first.id);
		t.deepEqual(await workflows.active(), [
			{ id: first.id, workflow: "wf-1", instance: "" },
			{ id: second.id, workflow: "wf-1", instance: "b" },
		]);
		t.deepEqual(await workflows.active("b"), [{ id: second.id, workflow: "wf-1", instance: "b" }]);
		rig.local.variants.active = "one";
		t.like(await workflows.active(), [{ id: second.id }]);
		await workflows.end("wf-1", first.id);
		await workflows.end("wf-1");
		t.deepEqual(await workflows.active(), []);
		rig.local.variants.active = "list";
		t.deepEqual(await workflows.active(), []);
		t.is((await rig.error(workflows.end("wf-1"))).name, "NotFound");
		t.is((await rig.error(workflows.fetch("no", boot.deliver))).name, "NotFound");
		t.is((await rig.error(workflows.start("a/b"))).name, "IdInvalid");
	});
}

// ——— jobs ———

for (const answers of ["flat", "data"] as const) {
	withRig(`jobs: listed, reserved, proven and paid, ${answers}`, async (t, rig) => {
		rig.local.variants.answers = answers;
		const { jobs, credits } = rig.boot().market;
		const listed = await all(jobs.list());
		t.is(listed.length, 60);
		t.deepEqual(listed[1], { id: "job-share", kind: "social_share", title: "Share a tool", credits: 100 });
		t.deepEqual(
			rig.local.seen(`${API}/jobs/list`).map((request) => {
				const { limit, skip } = bodyOf(request);
				return [limit, skip];
			}),
			[
				[50, 0],
				[50, 50],
			],
		);
		t.is((await jobs.status("job-ticket")).status, "none");
		const reservation = await jobs.reserve("job-ticket");
		t.like(reservation, { instructions: "File ticket #12345.", workflow: undefined });
		t.is((await jobs.reserve("job-ticket")).id, reservation.id);
		await jobs.complete("job-ticket", { proofText: "ticket #12345", reservation: reservation.id });
		t.deepEqual(await jobs.status("job-ticket"), { status: "submitted", reservation: reservation.id, credits: 50 });
		rig.local.judge("job-ticket", true);
		t.is((await jobs.status("job-ticket")).status, "paid");
		t.is(await credits.balance(), 50);
		t.is((await rig.error(jobs.complete("job-ticket", { proofText: "again" }))).name, "Conflict");
		t.is((await rig.error(jobs.reserve("no-job"))).name, "NotFound");
		const other = new Rig(chain, rig.local).boot().market;
		t.is((await rig.error(other.jobs.reserve("job-ticket"))).name, "Conflict");
	});
}

withRig("jobs: social posts are hashed as they are sent", async (t, rig) => {
	const { jobs } = rig.boot().market;
	await jobs.reserve("job-share");
	t.is((await rig.error(jobs.complete("job-share", { proofText: "Posted." }))).name, "RequestInvalid");
	const post = {
		platform: "twitter",
		postUrl: "https://x.com/agent/status/1",
		targetUrlUsed: "https://www.agentpmt.com/marketplace/example?utm_source=x",
		messageText: "Paid AgentPMT share: ☂",
	};
	await jobs.complete("job-share", { proofText: "Posted.", socialPosts: [post, { ...post, postedAt: "2026-11-21" }] });
	t.is((await jobs.status("job-share")).status, "submitted");
	t.like(bodyOf(rig.local.seen(`${API}/jobs/job-share/complete`).at(-1)!), {
		social_posts: [{ post_url: post.postUrl }, { posted_at: "2026-11-21" }],
	});
	t.false("reservation_id" in bodyOf(rig.local.seen(`${API}/jobs/job-share/complete`).at(-1)!));
});

withRig(
	"jobs: a workflow is drafted, changed and published with the job's token, which goes nowhere else",
	async (t, rig) => {
		const { jobs } = rig.boot().market;
		const reservation = await jobs.reserve("job-workflow");
		const workflow = reservation.workflow!;
		rig.said.push(JSON.stringify(reservation), String(Object.entries(workflow)));
		const draft = { name: "Two gauges", description: "Reads two", nodes: [{ id: 1, at: 0.5 }], edges: [] };
		const id = await workflow.create(draft);
		t.is((await rig.error(workflow.create(draft))).name, "Conflict");
		await workflow.update(id, { description: "Tested" });
		t.is((await rig.error(jobs.complete("job-workflow", { proofText: "built", workflow: id }))).name, "RequestInvalid");
		await workflow.publish(id);
		await jobs.complete("job-workflow", { proofText: "built", workflow: id, reservation: reservation.id });
		t.is((await jobs.status("job-workflow")).status, "submitted");
		t.like(rig.local.workflows.at(-1), { name: "Two gauges", description: "Tested", visibility: "private" });
		const carriers = rig.local.requests.filter(({ headers }) => "x-job-workflow-token" in headers);
		t.is(carriers.length, 4);
		t.true(carriers.every(({ path }) => path.startsWith(`${API}/jobs/job-workflow/workflow/`)));
		t.true(carriers.every(({ headers }) => !("authorization" in headers)));
		t.is((await rig.error(workflow.update("no", {}))).name, "NotFound");
		rig.local.script.next(`${API}/jobs/job-workflow/workflow/${id}/publish`, refusal(403, { code: "PUBLIC" }));
		t.is((await rig.error(workflow.publish(id))).name, "Forbidden");
		rig.local.clock.advance(1_801);
		t.is((await rig.error(workflow.publish(id))).name, "WorkflowTokenInvalid");
	},
);

// ——— schedules ———

withRig(
	"schedules: due ones are listed and advanced with the account's token, the same twice does nothing more",
	async (t, rig) => {
		const dueAt = new Date(Date.now() - 60_000).toISOString();
		const schedule = { every_seconds: 3_600, due_at: dueAt, handled_at: null, outcome: null };
		rig.local.schedules.push({ id: "sch-1", workflow_id: "wf-1", ...schedule });
		rig.local.schedules.push({ id: "sch-2", workflow_id: "wf-2", ...schedule });
		t.is((await rig.error(all(rig.boot().market.schedules.due()))).name, "AccountUnauthorized");
		rig.options = { account: rig.local.account.bearer };
		const { schedules } = rig.boot().market;
		const due = await all(schedules.due());
		t.deepEqual(due, [
			{ id: "sch-1", workflow: "wf-1", dueAt },
			{ id: "sch-2", workflow: "wf-2", dueAt },
		]);
		t.is((await all(schedules.due(1))).length, 1);
		t.is((await all(schedules.due(50, "2020-01-01T00:00:00Z"))).length, 0);
		const path = `${API}/workflow-schedules/sch-1/advance`;
		rig.local.script.next(path, lost("answer"));
		t.true(await schedules.advance(due[0]!, "success"), "advanced by the request whose answer was lost");
		t.false(await schedules.advance(due[1]!, "failure"));
		t.is(rig.local.schedules[1]!.outcome, "failure");
		t.is((await all(schedules.due())).length, 0);
		const wrong = { id: "sch-1", dueAt: "2026-05-15T13:00:00.000Z" };
		t.is((await rig.error(schedules.advance(wrong, "success"))).name, "DueTimeMismatch");
		t.is((await rig.error(schedules.advance({ id: "sch-9", dueAt }, "success"))).name, "NotFound");
		t.is((await rig.error(schedules.advance({ id: "nothing", dueAt }, "success"))).name, "RequestInvalid");
		const carriers = rig.local.requests.filter(({ headers }) => "authorization" in headers);
		t.true(carriers.every((request) => request.path.startsWith(`${API}/workflow-schedules/`)));
	},
);

// ——— identity ———

withRig("a wallet is made on the device, and its key by nobody else", async (t, rig) => {
	const taken = rig.boot().market;
	t.is(t.throws(() => taken.createWallet()).name, "SlotTaken");

	rig.options = { slot: 2 };
	const { market } = rig.boot();
	const wallet = market.createWallet();
	t.is(wallet, addressOfPublicKey(rig.keys, rig.keys.publicKey(2)).toLowerCase());
	t.is(rig.local.requests.length, 0);
	t.is(await market.credits.balance(), 0);
	t.is(bodyOf(rig.local.seen(BALANCE)[0]!).wallet_address, wallet);
});

// ——— power cuts ———

interface CutCase {
	readonly offer: string;
	readonly input: string;
	/** Prepares a fresh device. */
	fund(rig: Rig, wallet: `0x${string}`): Promise<void>;
	/** What the market or the chain has taken of it. */
	paid(rig: Rig, wallet: `0x${string}`): Promise<bigint>;
	readonly price: bigint;
	/** At how many of the cuts nobody can know whether the result was, or will be, had. */
	readonly unknown: number;
}

const dollarsOf = async (wallet: `0x${string}`): Promise<bigint> =>
	(await chain.transfers(wallet)).reduce((sum, { value }) => sum + value, 0n);
const fundDollars = (_: Rig, wallet: `0x${string}`) => chain.mint(wallet, 100_000_000n);

const cuts: Readonly<Record<string, CutCase>> = {
	"a call out of the balance": {
		offer: "demo-tool/do-it",
		input: '{"a":1}',
		fund: async (rig, wallet) => void rig.local.credits.add(wallet, 100),
		paid: async (rig, wallet) => BigInt(rig.charged(wallet)),
		price: 10n,
		// The call has left; the result is had, and flash does not know it yet.
		unknown: 2,
	},
	"credits in the suggested pack": {
		offer: "credits:700",
		input: "",
		fund: fundDollars,
		paid: (_, wallet) => dollarsOf(wallet),
		price: 10_000_000n,
		unknown: 0,
	},
	"a call paid on the spot": {
		offer: "x402:demo-tool/do-it",
		input: '{"a":1}',
		fund: fundDollars,
		paid: (_, wallet) => dollarsOf(wallet),
		price: 100_000n,
		unknown: 2,
	},
};

for (const [title, { offer, input, fund, paid, price, unknown }] of Object.entries(cuts)) {
	test(`${title}: the power is cut at everything it does, and it is paid for once at most`, async (t) => {
		const { local } = await open(t, chain);
		const whole = new Rig(chain, local);
		const first = whole.boot();
		await fund(whole, first.market.wallet as `0x${string}`);
		t.like(await first.buy(offer, input), { state: "delivered" });
		const ends: Record<string, number> = {};
		for (let at = 1; at <= first.operations; at++) {
			for (const side of ["before", "after"] as const) {
				const rig = new Rig(chain, local);
				const wallet = rig.boot().market.wallet as `0x${string}`;
				await fund(rig, wallet);
				const cut = rig.boot({ cut: { at, side } });
				await cut.run((boot) => boot.buy(offer, input));
				await new Promise((resolve) => setTimeout(resolve, 50));
				const where = `${title}, cut ${side} ${at}`;
				// Switched on again: what is open is gone on with, what was never begun is bought now.
				const isEnded = rig.record() !== undefined && !rig.isOpen();
				const again = rig.boot();
				const ended = isEnded ? undefined : await again.buy(offer, input);
				const word = ended === undefined ? "ended before" : `${ended.state} ${ended.outcome}`;
				ends[word] = (ends[word] ?? 0) + 1;
				const taken = await paid(rig, wallet);
				t.true(taken === price || (taken === 0n && ended?.state === "unknown"), `${where}: ${word}, ${taken} taken`);
				const counted = Object.values(rig.spentBy())[0]!;
				t.true(counted >= taken, `${where}: ${word}, ${counted} counted, ${taken} taken`);
				t.false(rig.isOpen(), where);
				t.is(rig.record()!.progress.length, 0);
				rig.isSilent(t);
				again.off();
			}
		}
		t.log(ends);
		t.is((ends["delivered paid"] ?? 0) + (ends["ended before"] ?? 0), 2 * first.operations - unknown);
	});
}
