/** The ledger never fills up for good: its worst case fits, what is over makes room, and others' entries give way to it. */
import test from "ava";
import { encode } from "../../modules/encoding/cbor.js";
import { hashes } from "../../modules/signer/portable.js";
import { LedgerError } from "../../src/wallet/errors.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { RememberedTerms } from "../../src/wallet/remembered_terms.js";
import type { Rule } from "../../src/wallet/rule.js";
import { configuration, entry, FakeSeller } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";
import { integer, MemoryFlash } from "../support/memory.js";
import { amount, record, rule } from "./ledger_rig.js";

/** 32 characters of three bytes each: the longest name that the configuration takes. */
const longest = (i: number) => "天気予報".repeat(8).slice(0, 31) + String.fromCharCode(0x4e00 + i);
const NETWORK = `eip155:${"9".repeat(32)}`;
const WINDOW = 31_622_400;

/** Eight rules, each for a token of its own, `generation` by generation of tokens. */
const rulesOf = (generation: number): Rule[] =>
	Array.from({ length: 8 }, (_, i) => {
		const asset = { ...rule().asset, network: NETWORK, address: `0x${String(generation * 8 + i).padStart(40, "0")}` };
		return rule({ name: longest(i), origin: `https://seller${i}.test`, asset, windowSeconds: WINDOW });
	});
const plans = Array.from({ length: 16 }, (_, i) => longest(100 + i));

for (const [what, each] of [
	["amounts of a million tokens of 18 decimals", 10n ** 24n],
	["amounts of 31 bytes", 2n ** 247n],
] as const) {
	test(`the sums of 16 plans and 8 rules with the longest names and every window in use fit; ${what}`, (t) => {
		const flash = new MemoryFlash();
		const spent: { rule: string; asset: string; time: number }[] = [];
		let time = 1_795_000_000;
		for (let generation = 0; generation < 3; generation++) {
			const rules = rulesOf(generation);
			const ledger = new Ledger(flash, hashes, rules, plans);
			for (let i = 0; i < 200; i++) {
				time += Math.floor(WINDOW / 160);
				const { name, asset } = rules[i % 8]!;
				const fields = { rule: name, plan: plans[i % 16]!, network: asset.network, asset: asset.address };
				const begun = ledger.begin(record({ ...fields, period: time, time, amount: amount(each) }), time);
				ledger.change({ ...begun, state: "delivered" });
				spent.push({ rule: name, asset: asset.address, time });
			}
			for (const { name } of rules) {
				const own = spent.filter((purchase) => purchase.rule === name);
				const { life, window } = ledger.spending(rules.find((other) => other.name === name)!, time);
				t.is(integer(life), each * BigInt(own.length));
				t.true(integer(window) >= each * BigInt(own.filter((purchase) => purchase.time > time - WINDOW).length));
			}
		}
		for (const bytes of flash.entries.values()) t.true(bytes.length <= 4_000);
	});
}

test("a window that was made coarser still passes", (t) => {
	const rules = rulesOf(0);
	const flash = new MemoryFlash();
	let ledger = new Ledger(flash, hashes, rules, plans);
	let time = 1_795_000_000;
	const buy = (name: string, asset: Rule["asset"], value: bigint) => {
		time += Math.floor(WINDOW / 160);
		const fields = { rule: name, plan: plans[0]!, network: asset.network, asset: asset.address, period: time };
		const begun = ledger.begin(record({ ...fields, time, amount: amount(value) }), time);
		ledger.change({ ...begun, state: "delivered" });
	};
	for (let i = 0; i < 400; i++) buy(rules[i % 8]!.name, rules[i % 8]!.asset, 2n ** 247n);
	ledger = new Ledger(flash, hashes, rules, plans);
	for (const each of rules) {
		const { windowCount } = ledger.spending(each, time);
		// Twenty of each were made in the window.
		t.true(windowCount >= 20 && windowCount <= 40, `${windowCount}`);
	}
});

test("rules, plans and tokens that come and go do not fill the ledger", (t) => {
	const flash = new MemoryFlash();
	let sum = 0n;
	for (let i = 0; i < 300; i++) {
		const asset = { ...rule().asset, address: `0x${String(i).padStart(40, "0")}` };
		const each = rule({ name: longest(i), origin: `https://seller${i}.test`, asset });
		const ledger = new Ledger(flash, hashes, [each], [longest(i)]);
		const fields = { rule: each.name, plan: longest(i), asset: asset.address, amount: amount(7) };
		const begun = ledger.begin(record({ ...fields, time: i, period: i }), i);
		ledger.change({ ...begun, state: "delivered" });
		sum += 7n;
		t.is(integer(ledger.spending(each, i).life), 7n);
	}
	t.true(sum > 0n);
});

test("an outcome that flash refused is written before the next purchase", (t) => {
	const flash = new MemoryFlash();
	const ledger = new Ledger(flash, hashes, [rule()], ["plan"]);
	const begun = ledger.begin(record({ period: 1 }), 50);
	const authorized = ledger.change({ ...begun, state: "authorized" });
	flash.refuses = () => true;
	t.throws(() => ledger.change({ ...authorized, state: "delivered", outcome: "paid" }), { name: "LedgerWriteFailed" });
	t.throws(() => ledger.begin(record({ period: 2 }), 50), { name: "LedgerWriteFailed" });
	flash.refuses = () => false;
	ledger.begin(record({ period: 2 }), 50);
	const again = new Ledger(flash, hashes, [rule()], ["plan"]);
	t.deepEqual(
		again.purchases().map(({ period, state }) => [period, state]),
		[
			[1, "delivered"],
			[2, "intended"],
		],
	);
});

test("flash that refuses one record in seven leaves no purchase open", async (t) => {
	const device = new Device();
	device.isPatient = true;
	const seller = new FakeSeller(device);
	const text = configuration([{ everySeconds: 3_600 }], {}, { count: 30 });
	// A record is written three times a purchase: one in seven is refused, an intent, a signature or an end by turns.
	let records = 0;
	device.flash.refuses = (key) => key.startsWith("r") && ++records % 7 === 0;
	const events = await device.purchases(text);
	t.is(events.length, 30);
	device.flash.refuses = () => false;
	const once = configuration([{ name: "once" }], {}, { count: 1 });
	t.is((await device.purchases(once))[0]!.state, "delivered");
	t.false(device.records().some(({ state }) => state === "intended" || state === "authorized"));
	t.true(seller.distinct >= 20);
});

test("open purchases that have run out are closed when the ring is full", (t) => {
	const ledger = new Ledger(new MemoryFlash(), hashes, [rule()], ["plan"]);
	const begun = Array.from({ length: 16 }, (_, i) => ledger.begin(record({ period: i, time: 0, validBefore: 60 }), 0));
	for (const each of begun.slice(0, 8)) ledger.change({ ...each, state: "authorized" });
	t.throws(() => ledger.begin(record({ period: 99 }), 960), { instanceOf: LedgerError, name: "LedgerFull" });
	t.notThrows(() => ledger.begin(record({ period: 99 }), 961));
	// The eight of which nothing had left cost nothing.
	t.is(integer(ledger.spending(rule(), 961).life), 90_000n);
	t.is(ledger.openPurchases().length, 1);
});

/** Flash with room for so many bytes. */
class SmallFlash extends MemoryFlash {
	room = Number.POSITIVE_INFINITY;

	override write(key: string, bytes: Uint8Array): void {
		const others = [...this.entries].filter(([each]) => each !== key).reduce((sum, [, { length }]) => sum + length, 0);
		if (others + bytes.length > this.room) throw new Error("no room");
		super.write(key, bytes);
	}
}

test("remembered terms that sellers have padded are evicted for the ledger", async (t) => {
	const flash = new SmallFlash();
	const device = new Device();
	Object.defineProperty(device, "flash", { value: flash });
	const seller = new FakeSeller(device);
	const padded = { name: "USDC", version: "2", padding: "x".repeat(1_000) };
	seller.accepts = [{ ...seller.accepts[0]!, extra: padded }];
	const plan = (i: number) => ({ name: `plan ${i}`, everySeconds: 3_600 });
	const text = configuration(
		Array.from({ length: 8 }, (_, i) => plan(i)),
		{ prepay: true, maxCountPerWindow: 100 },
		{ count: 8 },
	);
	t.is((await device.purchases(text)).length, 8);
	const terms = () => [...flash.entries.keys()].filter((key) => key.startsWith("t") && !key.startsWith("totals"));
	t.is(terms().length, 8);
	flash.room = [...flash.entries.values()].reduce((sum, { length }) => sum + length, 0) + 10;
	device.clock.now! += 3_600_000;
	const events = await device.purchases(text);
	t.deepEqual(
		events.map(({ state }) => state),
		Array.from({ length: 8 }, () => "delivered"),
	);
	t.true(terms().length < 8);
});

test("terms of more than 2,000 bytes are not remembered", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const text = configuration([{ everySeconds: 3_600 }], { prepay: true }, { count: 1 });
	await device.run(text);
	const terms = () => [...device.flash.entries.keys()].filter((key) => /^t[0-9a-f]{14}$/.test(key)).length;
	t.is(terms(), 1);
	device.clock.now! += 3_600_000;
	seller.accepts = [
		{ ...(seller.accepts[0] as object), extra: { name: "USDC", version: "2", padding: "x".repeat(2_000) } },
	];
	await device.run(text);
	t.is(terms(), 0);
});

test("terms of 2,000 bytes are remembered, and of one more not", (t) => {
	const device = new Device();
	const terms = new RememberedTerms(device.flash, device.keys);
	const accepted = JSON.stringify(entry());
	const keep = (padding: number) => {
		const request = new Uint8Array(32);
		terms.keep("plan", {
			request,
			payer: "",
			x402Version: 2,
			accepted,
			resource: `"${"x".repeat(padding)}"`,
			extensions: "",
			echoBytes: 0,
		});
		return terms.recall("plan", request);
	};
	const others = encode([new Uint8Array(32), 2, accepted, "", ""]).length;
	// A text of more than 255 bytes has its length in two more bytes than an empty one; and there are the quotation marks.
	const most = 2_000 - others - 2 - 2;
	t.is([...keep(most)!.offers()].length, 1);
	t.is(keep(most + 1), undefined);
	t.is([...keep(most)!.offers()].length, 1);
});
