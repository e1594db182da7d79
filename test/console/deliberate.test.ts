/**
 * Changes that could let more money go: only by a code that was read, whatever is typed, and whenever the power goes.
 */
import test from "ava";
import { type Answer, asset, network, type Owner, plan, provisioned, rule } from "./owner.js";

const wide = { ...rule, maxPerWindow: "999000000", maxForLife: "999000000", maxPerPayment: "999000000" };
const set = `rule set ${JSON.stringify(wide)}`;

/** What the rule lets go for life, as the board says it. */
async function allowance(owner: Owner): Promise<string> {
	const { limits } = (await owner.say("limits")) as unknown as { limits: { life: { allowed: string } }[] };
	return limits[0]!.life.allowed;
}

test("before a change is confirmed the console says in words what it would allow, and instead of what", async (t) => {
	const owner = await provisioned();
	const before = new Map(owner.flash.entries);
	const { would, confirm, withinSeconds } = await owner.say(set);
	t.deepEqual(would, [
		`rule "weather": pay https://api.example.com for anything, with USDC (${asset.address.toLowerCase()} on eip155:84532)`,
		"to any payee that the seller names",
		"at most 999 USDC a payment, 999 USDC and 24 payments in 86400 s, 999 USDC for life",
		"by eip3009; a signature is spendable for at most 120 s",
		"it replaces:",
		`rule "weather": pay https://api.example.com for anything, with USDC (${asset.address.toLowerCase()} on eip155:84532)`,
		"to any payee that the seller names",
		"at most 0.02 USDC a payment, 0.2 USDC and 24 payments in 86400 s, 50 USDC for life",
		"by eip3009; a signature is spendable for at most 120 s",
	]);
	t.regex(confirm as string, /^[0-9]{6}$/);
	t.is(withinSeconds, 120);
	t.deepEqual(owner.flash.entries, before, "nothing is written before the code");
	t.is(await allowance(owner), "50 USDC");
	t.like(await owner.say(`confirm ${confirm}`), { ok: true, set: "weather", restarting: true });
	t.is(await allowance(owner), "999 USDC");
	t.like(await owner.say(`confirm ${confirm}`), { error: "NothingToConfirm" });
});

test("each request for a change has a code of its own", async (t) => {
	const owner = await provisioned();
	const codes = new Set<unknown>();
	for (let i = 0; i < 20; i++) codes.add((await owner.say(set)).confirm);
	t.true(codes.size >= 19);
	for (const code of [...codes].slice(0, -1)) t.false((await owner.say(`confirm ${code}`)).ok);
	t.is(await allowance(owner), "50 USDC");
});

test("three wrong codes discard the pending change", async (t) => {
	const owner = await provisioned();
	const { confirm } = await owner.say(set);
	const wrong = confirm === "000000" ? "000001" : "000000";
	for (let i = 0; i < 3; i++) t.like(await owner.say(`confirm ${wrong}`), { error: "CodeWrong" });
	t.like(await owner.say(`confirm ${confirm}`), { error: "NothingToConfirm" });
	t.is(await allowance(owner), "50 USDC");
});

test("the pending change expires after two minutes", async (t) => {
	const owner = await provisioned();
	let { confirm } = await owner.say(set);
	owner.monotonic += 120_001;
	t.like(await owner.say(`confirm ${confirm}`), { error: "CodeExpired" });
	t.like(await owner.say(`confirm ${confirm}`), { error: "NothingToConfirm" });
	({ confirm } = await owner.say(set));
	owner.monotonic += 119_000;
	t.like(await owner.say(`confirm ${confirm}`), { ok: true });
});

test("any other change, and a restart, discard the pending change; queries do not", async (t) => {
	const other = `network set ${JSON.stringify({ ...network, name: "other" })}`;
	for (const line of [
		`plan set ${JSON.stringify(plan)}`,
		"plan remove forecast",
		"rule remove weather",
		other,
		"time 2026-11-20T00:00:00Z",
		"market set agentpmt {}",
		"key new 1",
		"restart",
		"erase",
	]) {
		const owner = await provisioned();
		const { confirm } = await owner.say(set);
		t.true((await owner.say(line)).ok, line);
		t.regex(String((await owner.say(`confirm ${confirm}`)).error), /NothingToConfirm|CodeWrong/, line);
		const { rule: left = rule } = await owner.say("rule show weather");
		t.deepEqual(left, rule, line);
	}
	const owner = await provisioned();
	const { confirm } = await owner.say(set);
	const asked = ["status", "limits", "key", "rule show weather", "help", "nonsense", "rule set {}", "plan remove none"];
	for (const line of asked) await owner.say(line);
	t.true((await owner.say(`confirm ${confirm}`)).ok);
});

test("a change to an asset or network needs a code too, and names the rules that it affects", async (t) => {
	const owner = await provisioned();
	const other = { ...asset, address: "0x0000000000000000000000000000000000000001" };
	const { would, confirm } = await owner.say(`asset set ${JSON.stringify(other)}`);
	t.is((would as string[])[1], 'rules that use it: "weather"');
	t.like(await owner.say("asset show usdc"), { asset });
	t.true((await owner.say(`confirm ${confirm}`)).ok);
	t.like(await owner.say("asset show usdc"), { asset: other });
	const named = { ...network, rpc: "https://rpc.test/a-secret" };
	t.true((await owner.confirmed(`network set ${JSON.stringify(named)}`)).ok);
	t.deepEqual((await owner.say("network show eip155:84532")).network, { ...named, rpc: "…" });
	await owner.say("export");
	t.false(owner.output.includes("a-secret"));
});

test("a power cut at a write of a change leaves the old setting or the new one", async (t) => {
	// The index, the entry, the index.
	for (const at of [1, 2, 3]) {
		for (const side of ["before", "after"] as const) {
			const owner = await provisioned();
			const { confirm } = await owner.say(set);
			owner.flash.writes = 0;
			owner.flash.cut = { at, side };
			t.false((await owner.say(`confirm ${confirm}`)).ok);
			t.is(owner.flash.writes, at);
			owner.boot();
			t.like(await owner.say("status"), { doing: "paused", error: undefined }, `${side} write ${at}`);
			const isMade = at === 3 || (at === 2 && side === "after");
			t.is(await allowance(owner), isMade ? "999 USDC" : "50 USDC", `${side} write ${at}`);
		}
	}
});

test("erase needs a code, and leaves nothing", async (t) => {
	const owner = await provisioned();
	await owner.say('wifi "my home" "pass word"');
	await owner.say('market set pactum {"apiKey":"a-secret"}');
	await owner.say("key new 7 ed25519");
	owner.flash.write("d.forecast", Uint8Array.of(1));
	owner.flash.write("r3", Uint8Array.of(1));
	owner.flash.write("totals", Uint8Array.of(1));
	const { address } = (owner.displayed.at(-1) ?? {}) as { address?: string };
	const { would, confirm } = await owner.say("erase");
	t.deepEqual(would, [
		"erase the keys in slots 0, 7, and all settings, bought data and records",
		`money at ${address} is lost unless there is a copy of its key`,
	]);
	t.like(await owner.say(`confirm ${confirm}`), { erased: "all", restarting: true });
	t.deepEqual([...owner.flash.entries.keys()], []);
	t.is(owner.slots.size, 0);
	t.deepEqual(owner.wifi, { ssid: "", password: "", state: "unset" });
	t.like(await owner.say("status"), { address: "", paused: false });
});

test("an erase that loses power is resumed, and no rule outlives its ledger", async (t) => {
	for (let at = 1; ; at++) {
		const owner = await provisioned();
		owner.flash.write("r0", Uint8Array.of(1));
		owner.flash.write("totals", Uint8Array.of(1));
		const { confirm } = await owner.say("erase");
		owner.flash.writes = 0;
		owner.flash.cut = { at, side: "after" };
		const answer: Answer = await owner.say(`confirm ${confirm}`);
		if (answer.ok) {
			t.true(at > 8, `${at - 1} writes`);
			return;
		}
		const { entries } = owner.flash;
		if (entries.has("c.r0")) t.true(entries.has("r0") && entries.has("totals"), `after write ${at}`);
		owner.boot();
		await owner.say("status");
		t.deepEqual([...entries.keys()], [], `after write ${at}`);
		t.is(owner.slots.size, 0);
	}
});

test("a setting that decayed in flash allows nothing, and can be set again or removed", async (t) => {
	for (const [key, kind, name] of [
		["c.n0", "network", network.id],
		["c.a0", "asset", "usdc"],
		["c.r0", "rule", "weather"],
		["c.p0", "plan", "forecast"],
	] as const) {
		for (const isRemoved of [false, true]) {
			const owner = await provisioned();
			const bytes = owner.flash.entries.get(key)!;
			bytes[20]! ^= 1;
			owner.boot();
			t.like(await owner.say("status"), { doing: "stopped", error: { name: "SettingsDamaged" } });
			t.deepEqual((await owner.say(kind))[`${kind}s`], [{ damaged: key }]);
			if (isRemoved && (kind === "rule" || kind === "plan")) {
				t.like(await owner.say(`${kind} remove ${key}`), { ok: true, removed: key });
			}
			const value = { network, asset, rule, plan }[kind];
			const line = `${kind} set ${JSON.stringify(value)}`;
			t.true((kind === "plan" ? await owner.say(line) : await owner.confirmed(line)).ok, kind);
			t.like(await owner.say("status"), { doing: "paused", error: undefined });
			t.deepEqual((await owner.say(kind))[`${kind}s`], [{ name }]);
			t.is(owner.flash.entries.has(key), true);
		}
	}
});

test("a plan needs no code, and spends nothing that no rule allows", async (t) => {
	const owner = await provisioned();
	t.true((await owner.say(`plan set ${JSON.stringify({ ...plan, maxAmount: "999000000" })}`)).ok);
	t.is(await allowance(owner), "50 USDC");
	t.like(await owner.say("rule show weather"), { rule });
});
