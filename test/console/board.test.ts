/** What a board has beside its settings, at the console: keys, Wi-Fi, the clock, a screen, runs that failed, a pause. */
import test from "ava";
import { type Hex, hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { check, refused } from "./answers.js";
import { Owner } from "./owner.js";

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
