/** Every command, as a table: what is typed, and what is answered. */
import net from "node:net";
import test, { type ExecutionContext } from "ava";
import { type Hex, hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import packageJson from "../../package.json" with { type: "json" };
import { listen } from "../xs/device.js";
import { type Answer, asset, network, Owner, plan, provisioned, rule, USDC } from "./owner.js";

type Row = readonly [line: string | undefined, answer: object];

const refused = (error: string) => ({ ok: false, error });

/** Types each line, in order, and looks at what is answered, as far as the row says. */
async function check(t: ExecutionContext, owner: Owner, rows: readonly Row[]): Promise<void> {
	for (const [line, expected] of rows) {
		const answer = await owner.say(line);
		const isRight = t.like(answer, { ok: true, ...expected }, `${line} → ${JSON.stringify(answer)}`);
		if (!isRight) return;
		if (!answer.ok) t.true(String(answer.message).length > 10, `${line} says what to do`);
	}
}

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

test("a key is made, shown, and erased with its address or public key", async (t) => {
	const owner = new Owner().boot();
	const first = await owner.say("key new");
	const { address } = first.key as { address: string };
	t.true(address.startsWith("0x"));
	await check(t, owner, [
		["key new", refused("SlotTaken")],
		["key new 0 ed25519", refused("SlotTaken")],
		["key new 1 ed25519", { restarting: true }],
		["key new 256", refused("WordExpected")],
		["key new 2 p256", refused("WordExpected")],
		["key make", refused("WordExpected")],
		["key erase 2 x", refused("KeyMissing")],
		["key erase 0", refused("WordExpected")],
		["key erase 0 yes", refused("NotConfirmed")],
		["key erase 0 0x0000000000000000000000000000000000000000", refused("NotConfirmed")],
	]);
	const { keys } = (await owner.say("key")) as unknown as { keys: { slot: number; curve: string; publicKey: Hex }[] };
	t.like(keys, { 0: { slot: 0, curve: "secp256k1", address }, 1: { slot: 1, curve: "ed25519" }, length: 2 });
	t.is(hexToBytes(keys[1]!.publicKey).length, 32);
	await check(t, owner, [
		["address", { address }],
		[`key erase 1 ${keys[0]!.publicKey}`, refused("NotConfirmed")],
		[`key erase 1 ${keys[1]!.publicKey}`, { erased: 1, restarting: true }],
		[`key erase 0 ${address.toLowerCase()}`, { erased: 0, restarting: true }],
		["key", { keys: [] }],
	]);
});

test("an imported key has the address that viem computes, and is in no output", async (t) => {
	const owner = new Owner().boot();
	const key = generatePrivateKey();
	const { address } = privateKeyToAccount(key);
	await check(t, owner, [
		["key import 0", refused("WordExpected")],
		["key import 0 secp256k1", { next: "send the key as the next line: 64 hexadecimal digits" }],
		["status", refused("KeyOutOfRange")],
		["key import 0 secp256k1", {}],
		["0".repeat(64), refused("KeyOutOfRange")],
		["key import 0 secp256k1", {}],
		[key.slice(2), { key: { slot: 0, curve: "secp256k1", address }, restarting: true }],
		["key import 0 secp256k1", refused("SlotTaken")],
		["address", { address }],
		["status", { address }],
	]);
	t.false(owner.output.includes(key.slice(2)));
	t.is(owner.displayed.at(-1)?.address, address);
});

test("Wi-Fi's name is shown, its password never", async (t) => {
	const owner = new Owner().boot();
	await check(t, owner, [
		['wifi "my home" "pass word"', { wifi: { ssid: "my home", state: "connecting" } }],
		["wifi", { wifi: { ssid: "my home", state: "connecting" } }],
		["wifi home secret", refused("WordExpected")],
		[`wifi ${"a".repeat(33)} long-enough`, refused("WordExpected")],
		["wifi home long-enough and more", refused("WordExpected")],
		['wifi "a\\"b" "\\u00e9\\"long enough"', { wifi: { ssid: 'a"b', state: "connecting" } }],
		["wifi open", { wifi: { ssid: "open", state: "connecting" } }],
		['wifi ""', { wifi: { ssid: "", state: "unset" } }],
	]);
	t.is((await owner.say('wifi "my home" "pass word"')).ok, true);
	t.is(owner.wifi.password, "pass word");
	t.false(owner.output.includes("pass word"));
	t.is(owner.displayed.at(-1)?.network, "connecting");
	const bare = new Owner();
	bare.lacks = ["wifi"];
	await check(t, bare.boot(), [["wifi home password", refused("NoWifi")]]);
});

test("the clock is set ahead by a code, set back without one, and never to an impossible year", async (t) => {
	const owner = new Owner();
	owner.wall = undefined;
	owner.boot();
	await check(t, owner, [
		["time", { time: null }],
		["time yesterday", refused("TimeImplausible")],
		["time 2026-11-21", refused("TimeImplausible")],
		["time 2126-11-21T12:00:00Z", refused("TimeImplausible")],
		["time 1795262400", refused("TimeImplausible")],
	]);
	const asked = await owner.say("time 2026-11-21T12:00:00Z");
	t.deepEqual(asked.would, ["set the clock to 2026-11-21T12:00:00.000Z"]);
	t.is(owner.wall, undefined);
	owner.monotonic += 5_000;
	await check(t, owner, [
		[`confirm ${asked.confirm}`, { time: "2026-11-21T12:00:05.000Z" }],
		["time 1795262460000", { would: ["set the clock to 2026-11-21T12:01:00.000Z"] }],
		["time 2026-11-21T12:00:00+02:00", { time: "2026-11-21T10:00:00.000Z" }],
		["time 2026-11-21T10:00:01Z", { would: ["set the clock to 2026-11-21T10:00:01.000Z"] }],
		["time", { time: "2026-11-21T10:00:00.000Z" }],
	]);
	const bare = new Owner();
	bare.lacks = ["setWall"];
	await check(t, bare.boot(), [["time 2026-11-21T12:00:00Z", refused("NoClock")]]);
});

test("a failing screen is reported, and stops nothing", async (t) => {
	const owner = new Owner();
	owner.isScreenBroken = true;
	owner.boot();
	await owner.say("key new");
	await check(t, owner, [["status", { paused: false }]]);
	t.true(owner.events.some(({ event }) => event === "start"));
	t.true(owner.events.some(({ event, name }) => event === "error" && name === "TypeError"));
});

test("after three runs that ended early the agent waits an hour, or for its owner", async (t) => {
	const owner = new Owner().boot();
	await owner.say("key new");
	const starts = () => owner.events.filter(({ event }) => event === "start").length;
	const before = starts();
	owner.failedRuns = 3;
	owner.boot();
	await check(t, owner, [
		["status", { doing: "stopped", error: { name: "FailedTooOften" } }],
		["plan", { plans: [] }],
	]);
	t.is(starts(), before);
	owner.failedRuns = 0;
	await owner.say("restart");
	await owner.say("status");
	t.is(starts(), before + 1);
	owner.failedRuns = 3;
	owner.boot();
	await owner.say("status");
	owner.monotonic += 3_600_000;
	while (starts() === before + 1) await new Promise((resolve) => setTimeout(resolve, 50));
	t.is(starts(), before + 2);
});

test("pause and resume last over restarts", async (t) => {
	const owner = new Owner().boot();
	await owner.say("key new");
	await check(t, owner, [
		["pause", { paused: true }],
		["restart", { restarting: true }],
		["status", { paused: true, startedBy: "requested at the console" }],
		["resume", { paused: false }],
		["restart", { restarting: true }],
		["status", { paused: false }],
	]);
	t.deepEqual(
		owner.displayed.map(({ isPaused }) => isPaused).filter((is, i, all) => is !== all[i - 1]),
		[false, true, false],
	);
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
