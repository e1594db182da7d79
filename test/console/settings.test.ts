/** Settings at the console: networks, assets, rules, plans and accounts, each checked as a part of the whole. */
import test from "ava";
import { check, refused } from "./answers.js";
import { type Answer, asset, network, Owner, plan, provisioned, rule } from "./owner.js";

test("a name that stands twice in a setting is refused", async (t) => {
	const owner = await provisioned();
	for (const json of [
		'{"name":"a","name":"b"}',
		'{"name":"a","sink":{"kind":"log","kind":"log","limit":1}}',
		'{"a":1,"\\u0061":2}',
	]) {
		t.like(await owner.say(`plan set ${json}`), {
			ok: false,
			message: "expected each name once in JSON, found one again",
		});
	}
});

test("a setting is checked within the whole configuration, and one that others name cannot be removed", async (t) => {
	const owner = await provisioned();
	const json = (value: object) => JSON.stringify(value);
	await check(t, owner, [
		["network set", refused("WordExpected")],
		["network set base", refused("WordExpected")],
		["network set []", refused("ConfigurationInvalid")],
		['network set {"id":"base","name":"Base"}', refused("ConfigurationInvalid")],
		[`asset set ${json({ ...asset, network: "eip155:1" })}`, refused("ConfigurationInvalid")],
		[`rule set ${json({ ...rule, asset: "eurc" })}`, refused("ConfigurationInvalid")],
		[`rule set ${json({ ...rule, origin: "http://api.example.com" })}`, refused("ConfigurationInvalid")],
		[`rule set ${json({ ...rule, maxForLive: "1" })}`, refused("ConfigurationInvalid")],
		[`plan set ${json({ ...plan, market: "pactum" })}`, refused("ConfigurationInvalid")],
		["plan set {}", refused("ConfigurationInvalid")],
		["network remove eip155:84532", refused("ConfigurationInvalid")],
		["asset remove usdc", refused("ConfigurationInvalid")],
		["asset remove eurc", refused("NotFound")],
		["rule", { rules: [{ name: "weather" }] }],
		["rule show weather", { rule }],
		["rule change", refused("WordExpected")],
		["rule remove weather", { removed: "weather", restarting: true }],
		["asset remove usdc", { removed: "usdc", restarting: true }],
		["network remove eip155:84532", { removed: network.id, restarting: true }],
		["plan remove forecast", { removed: "forecast", restarting: true }],
		["plan", { plans: [] }],
	]);
	t.deepEqual([...owner.flash.entries.keys()].sort(), ["c.i", "c.j"]);
});

test("a market's account is shown by name, and what the market does not know is refused", async (t) => {
	const owner = new Owner().boot();
	await owner.say("key new");
	await check(t, owner, [
		['market set bazaar {"apiKey":"a-secret"}', refused("NotFound")],
		['market set pactum "a-secret"', refused("ConfigurationInvalid")],
		['market set pactum {"apiKey":["a-secret"]}', refused("ConfigurationInvalid")],
		['market set pactum {"apiKey":"a-secret","gateway":"a-secret"}', refused("ConfigurationInvalid")],
		["market set pactum {a-secret}", refused("WordExpected")],
		["market set pactum", refused("WordExpected")],
		["market list", refused("WordExpected")],
		['market set pactum {"apiKey":"a-secret"}', { set: "pactum", restarting: true }],
		["market", { markets: ["pactum"] }],
		["market remove agentpmt", refused("NotFound")],
	]);
	const credit = { id: "credit", network: "account:pactum", address: "usd", symbol: "USD", decimals: 6 };
	t.true((await owner.confirmed(`asset set ${JSON.stringify(credit)}`)).ok);
	await check(t, owner, [
		["market remove pactum", refused("ConfigurationInvalid")],
		["asset remove credit", { removed: "credit" }],
		["market remove pactum", { removed: "pactum" }],
		["market", { markets: [] }],
	]);
	t.false(owner.output.includes("a-secret"));
});

test("a setting beyond the number of its kind is refused", async (t) => {
	const owner = new Owner().boot();
	for (let i = 0; i < 16; i++)
		t.true((await owner.say(`plan set ${JSON.stringify({ ...plan, name: `plan ${i}` })}`)).ok);
	await check(t, owner, [
		[`plan set ${JSON.stringify({ ...plan, name: "one more" })}`, refused("SettingsFull")],
		[`plan set ${JSON.stringify({ ...plan, name: "plan 7" })}`, { set: "plan 7" }],
		['plan remove "plan 3"', { removed: "plan 3" }],
		[`plan set ${JSON.stringify({ ...plan, name: "one more" })}`, { set: "one more" }],
	]);
	const facts: unknown[] = [];
	for (let line: unknown = "export"; typeof line === "string"; ) {
		const answer: Answer = await owner.say(line);
		facts.push(...(answer.facts as unknown[]));
		line = answer.next;
	}
	t.is(facts.length, 17, "the device and its plans, over as many lines as they need");
});

test("a file's configuration is not changed by the console", async (t) => {
	const owner = new Owner();
	owner.configuration = JSON.stringify({
		networks: [network],
		assets: [asset],
		rules: [rule],
		plans: [],
		markets: { pactum: { apiKey: "a-secret" } },
	});
	owner.boot();
	await check(t, owner, [
		["rule", refused("ConfigurationFixed")],
		[`rule set ${JSON.stringify(rule)}`, refused("ConfigurationFixed")],
		["plan remove forecast", refused("ConfigurationFixed")],
		["market", { markets: ["pactum"] }],
		["market remove pactum", refused("ConfigurationFixed")],
		["limits", { limits: [{ rule: "weather" }] }],
		["pause", { paused: true }],
		["key", { keys: [{ slot: 0 }] }],
	]);
	t.false(owner.output.includes("a-secret"));
});

test("a setting of 3,996 bytes is stored, and one of one byte more is refused", async (t) => {
	const owner = await provisioned();
	const set = (length: number) => owner.say(`plan set ${JSON.stringify({ ...plan, body: "b".repeat(length) })}`);
	// The checksum takes four bytes of an entry.
	const longest = () => Math.max(...[...owner.flash.entries.values()].map(({ length }) => length)) - 4;
	t.like(await set(3_000), { ok: true });
	const most = 3_000 + 3_996 - longest();
	t.like(await set(most), { ok: true });
	t.is(longest(), 3_996);
	t.like(await set(most + 1), { error: "SettingTooLarge" });
	t.is(longest(), 3_996);
});
