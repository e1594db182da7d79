/** The console's commands: what a board answers, and what is refused. */
import net from "node:net";
import test from "ava";
import packageJson from "../../package.json" with { type: "json" };
import { listen } from "../xs/device.js";
import { check, refused } from "./answers.js";
import { type Answer, asset, network, Owner, provisioned, rule, USDC } from "./owner.js";

test("a new board answers each query", async (t) => {
	await check(t, new Owner().boot(), [
		["status", { version: packageJson.version, address: "", paused: false, doing: "stopped", startedBy: "power on" }],
		["status", { error: { name: "KeyMissing" }, wifi: { ssid: "", state: "unset" }, time: "2026-11-21T00:00:00.000Z" }],
		["address", refused("AddressUnknown")],
		["balance", refused("NoRpc")],
		["limits", refused("NotFound")],
		["ledger", refused("NotFound")],
		["export", { facts: [{ device: { version: packageJson.version, address: "", paused: false } }] }],
		["key", { keys: [] }],
		["network", { networks: [] }],
		["asset", { assets: [] }],
		["rule", { rules: [] }],
		["plan", { plans: [] }],
		["market", { markets: [] }],
		["wifi", { wifi: { ssid: "", state: "unset" } }],
		["time", { time: "2026-11-21T00:00:00.000Z" }],
		["confirm 000000", refused("NothingToConfirm")],
	]);
});

test("what was bought last is shown in pieces, as text or in hexadecimal", async (t) => {
	const owner = await provisioned();
	await check(t, owner, [
		["data", { data: [{ key: "forecast", plan: "forecast", bytes: 0 }] }],
		["data forecast", refused("NotFound")],
		["data ../keys", refused("NotFound")],
	]);
	const text = `{"forecast":"${"\u{1f327} rain, then \u0001sun; ".repeat(70)}"}`;
	owner.flash.write("d.forecast", new TextEncoder().encode(text));
	let shown = "";
	for (let line: unknown = "data forecast"; line !== undefined; ) {
		const answer = await owner.say(line as string);
		t.like(answer, { ok: true, key: "forecast", bytes: Buffer.byteLength(text) });
		shown += answer.text;
		line = answer.next;
	}
	t.is(shown, text);
	owner.flash.write("d.forecast", Uint8Array.of(0xff, 0xd8, 0x00));
	t.deepEqual(await owner.say("data forecast"), { ok: true, key: "forecast", bytes: 3, hex: "ffd800" });
	t.like(await owner.say("data forecast 2"), { hex: "00" });
	owner.flash.write("d.forecast", new TextEncoder().encode("\u0001".repeat(4_000)));
	t.like(await owner.say("data forecast"), { text: "\u0001".repeat(600), next: "data forecast 600" });
});

test("a provisioned board answers each query", async (t) => {
	const owner = await provisioned();
	const { address } = await owner.say("address");
	const limit = {
		rule: "weather",
		window: { used: "0 USDC", allowed: "0.2 USDC", seconds: 86_400 },
		count: { used: 0, allowed: 24 },
		life: { used: "0 USDC", allowed: "50 USDC" },
		reserved: "0 USDC",
	};
	await check(t, owner, [
		["status", { address, paused: true, next: { plan: "forecast", at: "2026-11-21T00:00:00.000Z" } }],
		["limits", { limits: [limit] }],
		["limits 1", { limits: [] }],
		["ledger", { purchases: [] }],
		["ledger 1", refused("NotFound")],
		["network", { networks: [{ name: network.id }] }],
		["asset", { assets: [{ name: "usdc" }] }],
		["rule", { rules: [{ name: "weather" }] }],
		["plan", { plans: [{ name: "forecast" }] }],
		["network show eip155:84532", { network }],
		["asset show usdc", { asset }],
		["rule show weather", { rule }],
		['rule show "weather"', { rule }],
		["rule show Weather", refused("NotFound")],
		["balance", refused("NoRpc")],
	]);
	const { facts } = (await owner.say("export")) as unknown as { facts: Record<string, unknown>[] };
	t.deepEqual(
		facts.map((fact) => Object.keys(fact)[0]),
		["device", "key", "network", "asset", "rule", "plan", "limit"],
	);
	t.like(facts[5]?.plan, { name: "forecast", url: "https://api.example.com/forecast?…", headers: ["x-api-key"] });
	t.like(facts[6], { limit });
	// A display shows what may be spent before anything is.
	t.deepEqual(owner.displayed.at(-1)?.spent, [{ symbol: "USDC", decimals: 6, amount: "0", allowed: "50000000" }]);
});

test("help lists all commands, and explains each", async (t) => {
	const owner = new Owner().boot();
	const { help } = (await owner.say("help")) as unknown as { help: string[] };
	const names = help.map((line) => line.split(" ")[0]!);
	for (const name of "status address balance limits ledger wifi time key network asset rule plan market".split(" ")) {
		t.true(names.includes(name), name);
	}
	t.is(names.length, 22);
	for (const name of names) {
		const one = (await owner.say(`help ${name}`)) as unknown as { help: string[] };
		t.is(one.help[0], help[names.indexOf(name)]);
		for (const line of one.help) t.true(line.length <= 130, line);
	}
	await check(t, owner, [
		["help me", refused("CommandUnknown")],
		["help help more", refused("WordExpected")],
	]);
});

test("the examples that help prints are valid settings", async (t) => {
	const owner = new Owner().boot();
	await owner.say("key new");
	const exampleOf = async (name: string) => {
		const { help } = (await owner.say(`help ${name}`)) as unknown as { help: string[] };
		const text = help.join(" ");
		return text.slice(text.indexOf(`${name} set {`), text.indexOf("}", text.indexOf(`${name} set {`)) + 1);
	};
	t.like(await owner.confirmed((await exampleOf("network")).replace("…", "rpc.test")), { ok: true });
	t.like(await owner.confirmed((await exampleOf("asset")).replace("0x…", USDC)), { ok: true });
	t.like(await owner.confirmed(await exampleOf("rule")), { ok: true, set: "weather" });
	await owner.say("pause");
	t.like(await owner.say(await exampleOf("plan")), { ok: true, set: "forecast" });
});

test("the console works when a key cannot be read", async (t) => {
	const owner = new Owner();
	owner.slots.set(0, Uint8Array.of(9, 9));
	await check(t, owner.boot(), [
		["status", { doing: "stopped", address: "", error: { name: "StorageFailed" } }],
		["key", { keys: [{ slot: 0, curve: "unknown", lost: true }] }],
		["address", refused("AddressUnknown")],
	]);
});

test("a malformed line and an unknown command are refused by name", async (t) => {
	await check(t, new Owner().boot(), [
		[undefined, refused("LineUnreadable")],
		["format", refused("CommandUnknown")],
		["Status", refused("CommandUnknown")],
		['{"a":1}', refused("CommandUnknown")],
		['"', refused("WordExpected")],
		['"\\"', refused("WordExpected")],
		["status now", refused("WordExpected")],
		["  status  ", { paused: false }],
		["limits x", refused("WordExpected")],
		["limits -1", refused("WordExpected")],
		["limits 1e1", refused("WordExpected")],
		["ledger 99999999999999999999", refused("WordExpected")],
		["confirm", refused("WordExpected")],
		["confirm 1 2", refused("WordExpected")],
	]);
});

test("an empty line is not answered", async (t) => {
	const owner = new Owner().boot();
	const { ok } = await Promise.race([
		owner.say("   "),
		new Promise<Answer>((done) => setTimeout(done, 50, { ok: false })),
	]);
	t.false(ok);
});

test("during a purchase light queries are answered, and a pause waits for the purchase's end", async (t) => {
	const owner = await provisioned();
	const server = net.createServer((socket) => {
		socket.on("error", () => {});
		t.teardown(() => socket.destroy());
	});
	const origin = `http://127.0.0.1:${await listen(t, server)}`;
	await owner.confirmed(`rule set ${JSON.stringify({ ...rule, origin, payTo: [USDC] })}`);
	await owner.say(`plan set ${JSON.stringify({ name: "forecast", url: `${origin}/`, maxAmount: "1" })}`);
	await check(t, owner, [
		["resume", { paused: false }],
		["restart", { restarting: true }],
		["status", { doing: 'buying "forecast"', paused: false }],
		["limits", refused("Busy")],
		["export", refused("Busy")],
		[`rule set ${JSON.stringify(rule)}`, refused("Busy")],
		["erase", refused("Busy")],
		["help", {}],
		["help rule", {}],
		["address", {}],
		["time", {}],
		["pause", { paused: true }],
		["status", { doing: 'buying "forecast"', paused: true }],
		["restart", { restarting: true }],
		["status", { doing: "paused" }],
		["limits", { limits: [{ rule: "weather" }] }],
	]);
});
