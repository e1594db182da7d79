/** AgentPMT's client: tools listed and called out of the balance, and what is charged when answers are lost. */

import { lifeOf } from "../market_device.js";
import { API, all, BALANCE, bodyOf, DO_IT, FORECAST, KIEL, lost, refusal, replay, withRig } from "./kit.js";
import type { AgentPmtRig as Rig } from "./rig.js";

for (const answers of ["flat", "data"] as const) {
	withRig(
		`tools are listed page by page and by filter, and the list can be left early (${answers})`,
		async (t, rig) => {
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
		},
	);
}

withRig("find and quote give an action's price in dollars", async (t, rig) => {
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

/** A device with credits, whose wallet is ready. */
function funded(rig: Rig, credits = 100) {
	const boot = rig.boot();
	const wallet = boot.market.wallet as `0x${string}`;
	rig.local.credits.add(wallet, credits);
	return { boot, wallet };
}

withRig("a call by credits is signed over its path, charged once, and counted at what it cost", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	const outcome = await boot.buy("weather/forecast", '{ "place": "Kiel", "10": 1, "9": "é\\u2028" }');
	t.like(outcome, { state: "delivered", outcome: "paid" });
	t.deepEqual(JSON.parse(boot.delivered[0]!).response.data.output, { place: "Kiel", temperature: 21.5, unit: "C" });
	const [request] = rig.local.seen(FORECAST);
	t.true(request!.body.toString().endsWith(',"parameters":{"10":1,"9":"é\u2028","place":"Kiel"}}'));
	t.deepEqual(Object.keys(bodyOf(request!)), [
		...["wallet_address", "session_nonce", "request_id", "signature", "parameters"],
	]);
	t.is(rig.charged(wallet), 5);
	t.deepEqual(rig.spentBy(), { credit: 5n });
	t.like(rig.record(), { state: "delivered", outcome: "paid", network: "account:agentpmt", rule: "rule 1" });
	t.false(["x-payment", "payment-signature", "payment", "authorization"].some((name) => name in request!.headers));
});

withRig(
	"in the older dialect a call goes to the product's id, and is signed over action and product",
	async (t, rig) => {
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
	},
);

withRig(
	"parameters that two programs could hash differently are refused, and the error does not repeat them",
	async (t, rig) => {
		const { boot } = funded(rig);
		const secret = "s3cret-word";
		rig.secrets.push(secret);
		for (const [input, name] of [
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

withRig("fractions among the parameters are signed as they are sent", async (t, rig) => {
	const { boot } = funded(rig);
	const input = '{"latitude":54.32,"longitude":10.13489,"small":1e-7,"tie":2.98023223876953125e-8,"zero":-0.0}';
	t.like(await boot.buy("demo-tool/do-it", input), { state: "delivered" });
	const [request] = rig.local.seen(DO_IT);
	const sent = '{"latitude":54.32,"longitude":10.13489,"small":1e-7,"tie":2.9802322387695312e-8,"zero":0}';
	t.true(request!.body.toString().endsWith(`,"parameters":${sent}}`));
});

withRig("a tool's credentials go to it alone, and a workflow session is hashed with the call", async (t, rig) => {
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

withRig("a call beyond plan or rule is not sent", async (t, rig) => {
	const { boot, wallet } = funded(rig, 3);
	const poor = await rig.error(boot.buy("weather/forecast", KIEL));
	t.is(poor.name, "CreditsInsufficient");
	t.regex(poor.message, /costs 5 credits and the balance is 3/);
	rig.local.credits.add(wallet, 100);
	t.is((await rig.error(rig.boot({ cap: 4 }).buy("weather/forecast", KIEL))).name, "OverPlanCap");
	rig.rule = { maxPerPayment: "0" };
	t.is((await rig.error(rig.boot().buy("weather/forecast", KIEL))).name, "OverPaymentCap");
	rig.rule = { origin: "https://www.agentpmt.com" };
	t.is((await rig.error(rig.boot().buy("weather/forecast", KIEL))).name, "NoRule");
	t.is(rig.local.seen(FORECAST).length, 0);
	t.is(rig.record(), undefined);
});

withRig("a tool without a listed price reserves the plan's cap, and counts what it cost", async (t, rig) => {
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

withRig("a market that charges more than its list price is counted at what it took", async (t, rig) => {
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
	/** What the request to the tool meets. */
	readonly step: Parameters<Rig["local"]["script"]["next"]>[1];
	readonly ends: string;
	readonly charged: number;
	/** In the window and for people. For life it is always all that the plan allows. */
	readonly counted: bigint;
}

const calls: Readonly<Record<string, CallCase>> = {
	"the request is lost": { step: lost("request"), ends: "unknown answer_lost", charged: 0, counted: 10n },
	"the answer is lost": { step: lost("answer"), ends: "unknown charged_undelivered", charged: 10, counted: 10n },
	"the answer is cut": { step: lost("body"), ends: "unknown answer_lost", charged: 10, counted: 10n },
	"the head comes, and no body": { step: lost("headers"), ends: "unknown answer_lost", charged: 10, counted: 10n },
	"the answer comes twice": { step: { name: "twice" }, ends: "delivered paid", charged: 10, counted: 10n },
	"replay, and nothing was charged": { step: replay, ends: "unknown RequestReplayed", charged: 0, counted: 10n },
	"replay, of a call that was made": {
		step: { ...replay, at: "answer" },
		ends: "unknown charged_undelivered",
		charged: 10,
		counted: 10n,
	},
	"the session is over": {
		step: refusal(401, { code: "EXTERNAL_SIGNATURE_SESSION_NONCE_EXPIRED" }),
		ends: "refused SessionExpired",
		charged: 0,
		counted: 0n,
	},
	"a wrong signature": {
		step: refusal(401, { code: "EXTERNAL_SIGNATURE_WALLET_MISMATCH", expected_message: "agentpmt-external" }),
		ends: "refused SignatureMismatch",
		charged: 0,
		counted: 0n,
	},
	"too few credits after all": {
		step: refusal(402, { success: false, error: "Insufficient credits", code: "INSUFFICIENT_CREDITS" }),
		ends: "refused CreditsInsufficient",
		charged: 0,
		counted: 0n,
	},
	"x402 terms": {
		step: refusal(402, { x402Version: 2, accepts: [] }),
		ends: "refused PaymentRequired",
		charged: 0,
		counted: 0n,
	},
	"an ambiguous action": {
		step: refusal(409, { code: "ACTION_AMBIGUOUS" }),
		ends: "refused ActionAmbiguous",
		charged: 0,
		counted: 0n,
	},
	"a server that has failed": {
		step: refusal(500, {}),
		ends: "refused ServerFailed",
		charged: 0,
		counted: 0n,
	},
	"a gateway that has failed after the call": {
		step: { ...refusal(502, "bad gateway"), at: "answer" },
		ends: "unknown charged_undelivered",
		charged: 10,
		counted: 10n,
	},
	"too many requests": {
		step: refusal(429, {}, { "Retry-After": "2" }),
		ends: "refused RateLimited",
		charged: 0,
		counted: 0n,
	},
	"busy, and done all the same": {
		step: { ...refusal(503, {}, { "Retry-After": "2" }), at: "answer" },
		ends: "unknown charged_undelivered",
		charged: 10,
		counted: 10n,
	},
};
for (const [title, { step, ends, charged, counted }] of Object.entries(calls)) {
	withRig(`a call by credits, ${title}`, async (t, rig) => {
		const { wallet } = funded(rig);
		rig.local.script.next(DO_IT, step);
		const { state, outcome } = await rig.boot({ cap: 10 }).buy("demo-tool/do-it");
		t.is(`${state} ${outcome}`, ends);
		t.is(rig.charged(wallet), charged);
		t.deepEqual(rig.spentBy(), { credit: counted });
		t.is(lifeOf(rig, 1), 10n);
		t.is(rig.local.seen(DO_IT).length, 1);
		t.is(rig.record()!.progress.length, 0);
	});
}

withRig("a call of which no byte has left is repeated, and counts nothing", async (t, rig) => {
	const { boot } = funded(rig);
	const { credits } = boot.market;
	const balance = credits.balance.bind(credits);
	credits.balance = async () => {
		const value = await balance();
		await rig.local.stop();
		await new Promise((resolve) => setTimeout(resolve, 50));
		return value;
	};
	t.like(await boot.buy("demo-tool/do-it"), { state: "refused", outcome: "ConnectFailed" });
	t.deepEqual(boot.waits, [500, 1_000, 2_000]);
	t.is(rig.record()?.state, "expired");
	t.is(lifeOf(rig, 1), 0n);
});

withRig("after a restart the balance is read before a call is repeated", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	rig.local.script.next(DO_IT, { name: "wire", at: "answer", does: "silence" });
	boot.buy("demo-tool/do-it").catch(() => {});
	while (rig.local.executions.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
	boot.off();
	t.like(await rig.boot().buy("demo-tool/do-it"), { state: "unknown", outcome: "charged_undelivered" });
	t.is(rig.local.seen(DO_IT).length, 1);
	t.is(rig.charged(wallet), 10);
});

withRig("a tool that fails is refunded, and counts nothing", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	t.like(await boot.buy("unlucky/fail"), { state: "refused", outcome: "ServerFailed" });
	t.is(rig.charged(wallet), 0);
	t.deepEqual(rig.spentBy(), { credit: 0n });
});

withRig("a call counts if the balance cannot be read either", async (t, rig) => {
	const { wallet } = funded(rig);
	rig.local.script.next(DO_IT, lost("answer"));
	rig.local.script.next(BALANCE, refusal(500), { when: () => rig.local.seen(DO_IT).length > 0 });
	t.like(await rig.boot({ cap: 10 }).buy("demo-tool/do-it"), { state: "unknown", outcome: "answer_lost" });
	t.is(rig.charged(wallet), 10);
	t.deepEqual(rig.spentBy(), { credit: 10n });
});

withRig("credits that arrive meanwhile do not lower what a call counts", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	rig.local.script.next(DO_IT, lost("request"));
	rig.onWait = () => rig.local.credits.add(wallet, 500);
	t.like(await boot.buy("demo-tool/do-it"), { state: "unknown", outcome: "answer_lost" });
	t.is(rig.local.seen(DO_IT).length, 1);
});

withRig("a sink that fails does not repeat the call", async (t, rig) => {
	const { boot, wallet } = funded(rig);
	boot.deliver = async () => {
		throw new RangeError("the sink is full");
	};
	t.like(await boot.buy("demo-tool/do-it"), { state: "unknown", outcome: "RangeError", detail: "the sink is full" });
	t.is(rig.charged(wallet), 10);
});
