/**
 * Flash decays: an entry is gone, or a byte of it has changed. Whatever it is, no limit is lifted by it, no pause ends and no
 * key is replaced; the owner is told what it is, and puts it right without losing the key.
 */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { Settings } from "../../src/console/settings.js";
import { appendChecksum } from "../../src/wallet/checksum.js";
import { MemoryFlash } from "../support/memory.js";
import { asset, network, type Owner, plan, provisioned, rule } from "./owner.js";

const wide = { ...rule, name: "anything", maxPerPayment: "9000000", maxPerWindow: "90000000", maxForLife: "900000000" };

/** A board with a rule for one resource, and a wider one for the same seller behind it; paused. */
async function withTwoRules(): Promise<Owner> {
	const owner = await provisioned();
	await owner.confirmed(`rule set ${JSON.stringify({ ...rule, resource: "/forecast" })}`);
	await owner.confirmed(`rule set ${JSON.stringify(wide)}`);
	return owner;
}

type Decay = readonly [what: string, decay: (entries: Map<string, Uint8Array>, key: string) => void];

const decays: readonly Decay[] = [
	["is gone", (entries, key) => entries.delete(key)],
	["has one bit changed", (entries, key) => entries.set(key, flipped(entries.get(key)!))],
	["is an older one", (entries, key) => entries.set(key, entryOf({ ...rule, maxForLife: "51000000" }))],
];

function flipped(bytes: Uint8Array): Uint8Array {
	const changed = bytes.slice();
	changed[Math.floor(changed.length / 2)]! ^= 4;
	return changed;
}

function entryOf(value: unknown): Uint8Array {
	return appendChecksum(hashes, Buffer.from(`${JSON.stringify(value)}....`));
}

for (const [what, decay] of decays) {
	test(`when a rule's entry ${what}, no wider rule pays in its place`, async (t) => {
		const owner = await withTwoRules();
		decay(owner.flash.entries, "c.r0");
		owner.boot();
		const status = await owner.say("status");
		t.like(status, { doing: "stopped", paused: true, error: { name: "SettingsDamaged" } });
		t.regex((status.error as { message: string }).message, /^rule "weather" \(c\.r0\) .*: set it again/);
		t.deepEqual((await owner.say("rule")).rules, [{ damaged: "c.r0" }, { name: "anything" }]);
	});

	test(`a damaged rule (it ${what}) is discarded only with a code, since another may then apply`, async (t) => {
		const owner = await withTwoRules();
		decay(owner.flash.entries, "c.r0");
		owner.boot();
		const answer = await owner.say("rule remove c.r0");
		t.regex(String(answer.would), /rules that may then apply to its seller: "anything"/);
		t.like(await owner.say(`confirm ${answer.confirm}`), { removed: "c.r0", restarting: true });
		t.like(await owner.say("status"), { doing: "paused", error: undefined });
	});
}

test("no single fault of any entry lifts a limit, ends a pause or makes a key", async (t) => {
	const reference = await withTwoRules();
	const { address } = await reference.say("address");
	const keys = [...reference.flash.entries.keys()].filter((key) => key.startsWith("c."));
	t.deepEqual(keys.sort(), ["c.a0", "c.i", "c.j", "c.n0", "c.p0", "c.r0", "c.r1"]);
	for (const key of keys) {
		for (const [what, decay] of decays.slice(0, 2)) {
			const owner = await withTwoRules();
			decay(owner.flash.entries, key);
			owner.boot();
			const status = await owner.say("status");
			t.like(status, { paused: true, address }, `${key} ${what}`);
			const isIndex = key === "c.i" || key === "c.j";
			t.is((status.error as { name: string } | undefined)?.name, isIndex ? undefined : "SettingsDamaged", key);
			t.is(owner.slots.size, 1);
			// The lost copy of the index is written again, so that the next fault finds two.
			if (isIndex) t.true(owner.flash.entries.has("c.i") && owner.flash.entries.has("c.j"));
		}
	}
});

test("after the index was lost nothing is bought until the owner has confirmed what is there", async (t) => {
	const owner = await withTwoRules();
	for (const key of ["c.i", "c.j"]) owner.flash.entries.set(key, flipped(owner.flash.entries.get(key)!));
	owner.boot();
	t.like(await owner.say("status"), { doing: "stopped", paused: true, error: { name: "SettingsDamaged" } });
	t.deepEqual((await owner.say("rule")).rules, [{ name: "weather" }, { name: "anything" }]);
	t.like(await owner.confirmed("settings accept"), { ok: true, restarting: true });
	t.like(await owner.say("status"), { doing: "paused", paused: true, error: undefined });
	t.like(await owner.say("settings accept"), { ok: false, error: "NothingToConfirm" });
});

test("a lost key is noticed, and no other is made in its place", async (t) => {
	const owner = await provisioned();
	const { address } = await owner.say("address");
	const record = owner.slots.get(0)!;
	owner.slots.delete(0);
	owner.boot();
	const status = await owner.say("status");
	t.like(status, { doing: "stopped", error: { name: "KeysUnreadable" } });
	t.true((status.error as { message: string }).message.includes(String(address)));
	t.like(await owner.say("key"), { keys: [{ slot: 0, curve: "secp256k1", address, lost: true }] });
	t.like(await owner.say("key new"), { ok: false, error: "KeysUnreadable" });
	t.is(owner.slots.size, 0);

	t.like(await owner.say("key import 0 secp256k1"), { ok: true });
	t.like(await owner.say(Buffer.from(record.slice(1)).toString("hex")), { key: { address }, restarting: true });
	t.like(await owner.say("status"), { doing: "paused", address, error: undefined });
});

test("a lost key can be discarded by its address, and another made then", async (t) => {
	const owner = await provisioned();
	const { address } = await owner.say("address");
	owner.slots.delete(0);
	owner.boot();
	t.like(await owner.say("key erase 0 0x0000000000000000000000000000000000000001"), { error: "NotConfirmed" });
	t.like(await owner.say(`key erase 0 ${address}`), { erased: 0 });
	t.like(await owner.say("status"), { error: { name: "KeyMissing" } });
	t.like(await owner.say("key new"), { ok: true });
	t.like(await owner.say("status"), { doing: "paused", error: undefined });
});

test("with a file's configuration, too, no key is made in the place of a lost one", async (t) => {
	const owner = await provisioned();
	const pact = { betaKey: "beta-1234", slot: 1 };
	const assets = [asset, { id: "premium", network: "account:pact", address: "usdc", symbol: "USDC", decimals: 6 }];
	owner.configuration = JSON.stringify({ networks: [network], assets, rules: [], plans: [], markets: { pact } });
	owner.boot();
	await owner.say("status");
	t.deepEqual([...owner.slots.keys()], [0, 1]);
	for (const slot of [0, 1]) {
		const record = owner.slots.get(slot)!;
		owner.slots.delete(slot);
		owner.boot();
		t.like(await owner.say("status"), { doing: "stopped", error: { name: "KeysUnreadable" } }, `slot ${slot}`);
		t.false(owner.slots.has(slot));
		owner.slots.set(slot, record);
	}
});

test("a power cut while a key is made leaves no key, or one that the index knows", async (t) => {
	for (let at = 1; ; at++) {
		const owner = await provisioned();
		owner.flash.writes = 0;
		owner.flash.cut = { at, side: "after" };
		const answer = await owner.say("key new 5 ed25519");
		if (answer.ok) break;
		owner.boot();
		t.like(await owner.say("status"), { doing: "paused", error: undefined }, `cut at write ${at}`);
		owner.slots.delete(5);
		owner.boot();
		const { error } = (await owner.say("status")) as { error?: { name: string } };
		t.is(error?.name, at === 1 && error === undefined ? undefined : "KeysUnreadable", `cut at write ${at}`);
	}
});

test("settings of firmware 0.1, which had no index, are migrated once, with their pause and their plans", async (t) => {
	const owner = await provisioned();
	const { entries } = owner.flash;
	for (const key of ["c.i", "c.j"]) entries.delete(key);
	entries.set("c.paused", Uint8Array.of(1));
	entries.set("c.p0", entryOf({ ...plan, expect: "delivered" }));
	owner.boot();
	t.like(await owner.say("status"), { doing: "paused", paused: true, error: undefined });
	t.like(await owner.say("plan show forecast"), { ok: true });
	t.false(entries.has("c.paused"));
	entries.delete("c.r0");
	owner.slots.delete(0);
	owner.boot();
	t.like(await owner.say("status"), { doing: "stopped", paused: true, error: { name: "SettingsDamaged" } });
});

test("a slot whose record is no key does not stop `erase`, nor the list of keys", async (t) => {
	const owner = await provisioned();
	owner.slots.set(7, Uint8Array.of(9, 9, 9));
	t.like((await owner.say("key")).keys, { 1: { slot: 7, curve: "unknown", lost: true } });
	t.like(await owner.confirmed("erase"), { erased: "all" });
	t.is(owner.slots.size, 0);
	t.deepEqual([...owner.flash.entries.keys()], []);
});

test("a setting that flash refuses leaves the old one, and the index agrees", (t) => {
	const flash = new MemoryFlash();
	const settings = new Settings(flash, hashes, []);
	settings.commit(settings.changeTo("rules", rule));
	flash.refuses = (key) => key === "c.r0";
	t.throws(() => settings.commit(settings.changeTo("rules", { ...rule, maxForLife: "1" })));
	flash.refuses = () => false;
	t.notThrows(() => settings.check());
	t.deepEqual([...settings.entries("rules")][0]?.value, rule);
});

test("forty entries of the longest names, and four keys, fit into the index", (t) => {
	const flash = new MemoryFlash();
	const settings = new Settings(flash, hashes, []);
	for (const kind of ["networks", "assets", "rules", "plans"] as const) {
		for (let i = 0; i < (kind === "plans" ? 16 : 8); i++) {
			const name = `${i}\u0001水`.padEnd(32, "\u0001");
			settings.commit(settings.changeTo(kind, { id: name, name }));
		}
	}
	const index = settings.index();
	for (let slot = 0; slot < 4; slot++) index.setKey(slot, `secp256k1 ${"0".repeat(130)}`);
	index.writeTwice();
	t.notThrows(() => settings.check());
	flash.entries.delete("c.p15");
	t.throws(() => settings.check(), { name: "SettingsDamaged", message: /^plan / });
});

test("an index of a later version is damaged to this one, and the owner may accept what is there", (t) => {
	for (const text of [
		"index 1 7\nc.r0 0011223344556677 weather\n",
		"index 1 7\nc.r0 0011223344556677 5\n",
		"index 1 x\n",
	]) {
		const flash = new MemoryFlash();
		const settings = new Settings(flash, hashes, []);
		flash.write("c.i", appendChecksum(hashes, Buffer.from(`${text}....`)));
		t.throws(() => settings.check(), { name: "SettingsDamaged" }, text);
		t.true(text.endsWith("x\n") ? settings.isPaused : true);
		settings.accept();
		t.notThrows(() => settings.check());
		t.true(settings.isPaused);
	}
});
