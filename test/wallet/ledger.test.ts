/**
 * The ledger: what it writes others can read, what has decayed is noticed, and its sums are never below the truth, whatever
 * power, flash and clock do. The truth is a plain list of what was allowed, kept beside it.
 */

import test from "ava";
import { Decoder } from "cbor-x";
import { hashes } from "../../modules/signer/portable.js";
import { verifyChecksum } from "../../src/wallet/checksum.js";
import { LedgerError } from "../../src/wallet/errors.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { checkCaps } from "../../src/wallet/policy.js";
import { decodeRecord, encodeRecord, type State } from "../../src/wallet/record.js";
import { Totals } from "../../src/wallet/totals.js";
import { Random } from "../encoding/random.js";
import { integer, MemoryFlash, type Side } from "../support/memory.js";
import { amount, record, rule } from "./ledger_rig.js";

const intent = {
	request: new Uint8Array(32).fill(1),
	payer: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
	x402Version: 2,
	accepted: '{"scheme":"exact"}',
	resource: '{"url":"https://seller.test/é"}',
	extensions: "",
	echoBytes: 0,
} as const;

const isDamage = { instanceOf: LedgerError, name: "LedgerDamaged" };

test("a record decodes to what was encoded, by our decoder and by cbor-x", (t) => {
	const states: State[] = ["intended", "authorized", "delivered", "refused", "unknown", "expired"];
	const amounts = [0n, 1n, 255n, 256n, 10_000n, 2n ** 256n - 1n];
	for (const [i, state] of states.entries()) {
		const whole = record({ state, amount: amount(amounts[i]!), ...(i % 2 === 0 && { intent }), sequence: i + 1 });
		const bytes = encodeRecord(whole, 4_000);
		t.deepEqual(decodeRecord(bytes), whole);
		const read = new Decoder({ mapsAsObjects: false }).decode(bytes) as Map<number, unknown>;
		t.is(read.get(1), i + 1);
		t.is(read.get(2), "plan");
		t.is(read.get(4), i);
		t.is(integer(read.get(8) as Uint8Array), amounts[i]!);
		t.is(read.get(10), 1_795_000_060);
		t.deepEqual(new Uint8Array(read.get(11) as Uint8Array), whole.nonce);
		t.is((read.get(14) as unknown[] | null)?.[2], i % 2 === 0 ? intent.accepted : undefined);
	}
});

test("a purchase whose record exceeds one entry of flash is not begun", (t) => {
	const empty = encodeRecord(record({ intent: { ...intent, accepted: "" } }), 4_000).length;
	// The text's own head grows from one byte to three.
	const longest = "x".repeat(4_000 - empty - 2);
	t.is(encodeRecord(record({ intent: { ...intent, accepted: longest } }), 4_000).length, 4_000);
	for (const accepted of [`${longest}x`, "x".repeat(10_000)]) {
		const flash = new MemoryFlash();
		const ledger = new Ledger(flash, hashes, [], []);
		const tooLarge = { instanceOf: LedgerError, name: "RecordTooLarge" };
		t.throws(() => ledger.begin(record({ intent: { ...intent, accepted } }), 0), tooLarge);
		t.is(flash.entries.size, 0);
	}
});

/** A ledger that has folded some of its records, and its flash. */
function used(count: number, rules = [rule()]): { flash: MemoryFlash; ledger: Ledger } {
	const flash = new MemoryFlash();
	const ledger = new Ledger(flash, hashes, rules, ["plan"]);
	for (let i = 0; i < count; i++) {
		const now = 1_795_000_000 + i;
		const begun = ledger.begin(record({ period: i + 1, time: now, intent, amount: amount(100 + i) }), now);
		ledger.change({ ...begun, state: "delivered", intent: undefined, outcome: "paid" });
	}
	return { flash, ledger };
}

test("each bit of flash that flips, and each byte that is lost, is LedgerDamaged", (t) => {
	const { flash } = used(20);
	const life = () => integer(new Ledger(flash, hashes, [rule()], ["plan"]).spending(rule(), 0).life);
	const whole = life();
	for (const key of ["r0", "r9", "totals", "totals.b", "head", "head.b"]) {
		const bytes = flash.read(key)!;
		for (let i = 0; i < bytes.length; i++) {
			const bad = bytes.slice();
			bad[i]! ^= 1 << (i % 8);
			for (const [what, changed] of [
				[`${key} byte ${i}`, bad],
				[`${key} cut at ${i}`, bytes.slice(0, i)],
			] as const) {
				flash.entries.set(key, changed);
				// The sums and the head are there twice, records once.
				if (key.startsWith("r")) t.throws(life, isDamage, what);
				else t.is(life(), whole, what);
			}
		}
		flash.entries.set(key, bytes);
	}
	t.is(life(), whole);
});

test("records and sums that no ledger could have written are refused, even with a right checksum", (t) => {
	const good = encodeRecord(record({ intent }), 4_000);
	for (let i = 0; i < good.length; i++) {
		for (const flip of [1, 0x20, 0x80]) {
			const bad = good.slice();
			bad[i]! ^= flip;
			try {
				const { amount: read, nonce } = decodeRecord(bad);
				t.is(read.length, 32);
				t.true(nonce.length === 32 || nonce.length === 0);
			} catch (error) {
				t.true(["LedgerDamaged", "LedgerTooNew"].includes((error as Error).name), `byte ${i}`);
			}
		}
	}
	t.throws(() => Totals.decode(new Uint8Array([0xa0]), hashes), isDamage);
	t.throws(() => verifyChecksum(hashes, new Uint8Array(0)), isDamage);
	t.throws(() => verifyChecksum(hashes, new Uint8Array(3)), isDamage);
});

test("the sums survive any number of purchases, with sixteen records and one entry of sums", (t) => {
	const { flash, ledger } = used(200);
	const expected = Array.from({ length: 200 }, (_, i) => BigInt(100 + i)).reduce((a, b) => a + b);
	for (const each of [ledger, new Ledger(flash, hashes, [rule()], ["plan"])]) {
		t.is(integer(each.spent()[0]!.spent), expected);
		t.is(integer(each.spending(rule(), 1_795_000_200).life), expected);
		t.is(each.lastPeriod("plan"), 200);
	}
	t.is(flash.entries.size, 20);
	for (const bytes of flash.entries.values()) t.true(bytes.length <= 4_000);
});

test("under a power cut at each write of a fold the sums never go down, and nothing counts twice", (t) => {
	const life = (count: number, flash: MemoryFlash): bigint => {
		// What was decided durably: a record that is intended counts already.
		let ledger = new Ledger(flash, hashes, [rule()], ["plan"]);
		for (let i = (ledger.lastPeriod("plan") ?? 0) + 1; i <= count; i++) {
			const begun = ledger.begin(record({ period: i, time: 1_795_000_000 + i, amount: amount(10 ** (i % 9)) }), i);
			ledger.change({ ...begun, state: "unknown" });
			ledger = new Ledger(flash, hashes, [rule()], ["plan"]);
		}
		return integer(ledger.spending(rule(), 1_795_000_000).life);
	};
	const whole = new MemoryFlash();
	const expected = life(40, whole);
	const SIDES: readonly Side[] = ["before", "after"];
	for (let at = 1; at <= whole.writes; at++) {
		for (const side of SIDES) {
			const flash = new MemoryFlash();
			flash.cut = { at, side };
			t.throws(() => life(40, flash), { instanceOf: LedgerError, name: "LedgerWriteFailed" });
			flash.boot();
			const ledger = new Ledger(flash, hashes, [rule()], ["plan"]);
			const last = ledger.lastPeriod("plan") ?? 0;
			let sum = 0n;
			for (let i = 1; i <= last; i++) sum += BigInt(10 ** (i % 9));
			t.is(integer(ledger.spending(rule(), 0).life), sum, `${side} ${at}`);
			for (const open of ledger.openPurchases()) ledger.change({ ...open, state: "unknown" });
			t.is(life(40, flash), expected, `${side} ${at}`);
		}
	}
});

test("an open purchase is not folded, and sixteen of them fill the ledger until they end", (t) => {
	const ledger = new Ledger(new MemoryFlash(), hashes, [rule()], ["plan"]);
	const begun = Array.from({ length: 16 }, (_, i) => ledger.begin(record({ period: i }), 50));
	t.throws(() => ledger.begin(record({ period: 99 }), 50), { instanceOf: LedgerError, name: "LedgerFull" });
	for (const each of begun) ledger.change({ ...each, state: "refused" });
	t.notThrows(() => ledger.begin(record({ period: 99 }), 50));
	t.is(integer(ledger.spending(rule(), 50).life), 170_000n);
	t.is(ledger.lastPeriod("plan"), 99);
});

test("what a seller refused leaves the window a quarter of an hour after it ran out, and never the sum for life", (t) => {
	const ledger = new Ledger(new MemoryFlash(), hashes, [rule()], ["plan"]);
	const wide = rule({ windowSeconds: 10_000 });
	const refused = ledger.begin(record({ period: 1, time: 50, validBefore: 100 }), 50);
	ledger.change({ ...refused, state: "refused" });
	for (const [now, window] of [
		[50, 10_000n],
		[1_000, 10_000n],
		[1_001, 0n],
	] as const) {
		const spending = ledger.spending(wide, now);
		t.deepEqual([integer(spending.window), spending.windowCount, integer(spending.life)], [window, 1, 10_000n]);
	}
	t.is(integer(ledger.spent()[0]!.reserved), 10_000n);
});

test("a period has one purchase, also after it was folded or refused, unless it expired unsigned", (t) => {
	const ledger = new Ledger(new MemoryFlash(), hashes, [rule()], ["plan"]);
	const spent = { instanceOf: LedgerError, name: "PeriodSpent" };
	const expired = ledger.begin(record({ period: 1 }), 0);
	t.throws(() => ledger.begin(record({ period: 1 }), 0), spent);
	ledger.change({ ...expired, state: "expired" });
	const refused = ledger.begin(record({ period: 1 }), 0);
	ledger.change({ ...refused, state: "refused" });
	t.throws(() => ledger.begin(record({ period: 1 }), 2_000_000_000), spent);
	t.throws(() => ledger.begin(record({ period: 0 }), 0), spent);
	for (let i = 2; i < 40; i++) {
		const begun = ledger.begin(record({ period: i }), 2_000_000_000);
		ledger.change({ ...begun, state: "refused" });
	}
	t.throws(() => ledger.begin(record({ period: 1 }), 2_000_000_000), spent);
	for (let i = 0; i < 40; i++) {
		const begun = ledger.begin(record({ period: 1, plan: "other" }), 2_000_000_000);
		ledger.change({ ...begun, state: "expired" });
	}
	t.is(ledger.lastPeriod("other"), undefined);
});

test("spending is kept when its rule or plan is removed, however many come and go", (t) => {
	const flash = new MemoryFlash();
	let sum = 0n;
	for (let i = 0; i < 400; i++) {
		const name = `rule ${i} ${"x".repeat(22)}`;
		const ledger = new Ledger(flash, hashes, [rule({ name })], [`plan ${i}`]);
		const value = amount(2n ** 64n + BigInt(i));
		const begun = ledger.begin(record({ rule: name, plan: `plan ${i} ${"y".repeat(20)}`, amount: value }), i);
		ledger.change({ ...begun, state: "delivered" });
		sum += 2n ** 64n + BigInt(i);
	}
	const ledger = new Ledger(flash, hashes, [], []);
	t.is(integer(ledger.spent()[0]!.spent), sum);
	t.is(ledger.spent().length, 1);
});

test("a free purchase uses up its period, and counts for no rule", (t) => {
	const { ledger } = used(0);
	for (let i = 0; i < 40; i++) {
		const free = { rule: "", network: "", asset: "", amount: amount(0), nonce: new Uint8Array(0) };
		ledger.begin(record({ ...free, period: i, state: "delivered" }), 0);
	}
	t.deepEqual(ledger.spent(), []);
	t.is(ledger.lastPeriod("plan"), 39);
});

/** Purchases as a plain list, with the rule's caps applied to what the list says. */
class Model {
	readonly purchases: { time: number; value: bigint }[] = [];

	window(now: number, seconds: number): { sum: bigint; count: number } {
		const inWindow = this.purchases.filter(({ time }) => time > now - seconds);
		return { sum: inWindow.reduce((sum, { value }) => sum + value, 0n), count: inWindow.length };
	}

	get life(): bigint {
		return this.purchases.reduce((sum, { value }) => sum + value, 0n);
	}
}

for (const clock of ["goes on", "goes back and forward"] as const) {
	test(`the ledger never lets more go than a plain list of purchases, while the clock ${clock}`, (t) => {
		const random = new Random(t);
		for (let round = 0; round < 20; round++) {
			const windowSeconds = random.pick([1, 7, 60, 800, 86_400]);
			const caps = rule({
				windowSeconds,
				maxPerWindow: "3000",
				maxCountPerWindow: 1 + random.integer(40),
				maxForLife: "60000",
			});
			const flash = new MemoryFlash();
			const model = new Model();
			let now = 1_795_000_000;
			let ledger = new Ledger(flash, hashes, [caps], ["plan"]);
			let allowed = 0;
			for (let i = 0; i < 150; i++) {
				now += random.integer(Math.ceil(windowSeconds / 3));
				if (clock !== "goes on" && random.integer(15) === 0) now += (random.integer(7) - 3) * windowSeconds;
				if (random.integer(10) === 0) ledger = new Ledger(flash, hashes, [caps], ["plan"]);
				const value = BigInt(1 + random.integer(1_000));
				try {
					checkCaps(caps, ledger.spending(caps, now), amount(value), amount(1_000));
				} catch {
					continue;
				}
				const begun = ledger.begin(record({ period: i, time: now, validBefore: now, amount: amount(value) }), now);
				ledger.change({ ...begun, state: random.pick(["delivered", "unknown"]) });
				model.purchases.push({ time: now, value });
				allowed++;
				const { sum, count } = model.window(now, windowSeconds);
				t.true(sum <= 3_000n && count <= caps.maxCountPerWindow && model.life <= 60_000n);
				const spending = ledger.spending(caps, now);
				t.true(integer(spending.window) >= sum && spending.windowCount >= count);
				t.is(integer(spending.life), model.life);
			}
			t.true(allowed > 0);
		}
	});
}

test("while the clock goes on, the window forgets at most an eighth of itself late", (t) => {
	const windowSeconds = 800;
	const caps = rule({ windowSeconds });
	const random = new Random(t);
	const flash = new MemoryFlash();
	const ledger = new Ledger(flash, hashes, [caps], ["plan"]);
	const model = new Model();
	let now = 1_795_000_000;
	for (let i = 0; i < 500; i++) {
		now += random.integer(60);
		const begun = ledger.begin(record({ period: i, time: now, validBefore: now, amount: amount(i) }), now);
		ledger.change({ ...begun, state: "delivered" });
		model.purchases.push({ time: now, value: BigInt(i) });
		const read = integer(ledger.spending(caps, now).window);
		t.true(read >= model.window(now, windowSeconds).sum);
		t.true(read <= model.window(now, windowSeconds + windowSeconds / 8).sum);
	}
});

test("a window that the owner lengthens counts what was folded before", (t) => {
	const { flash } = used(100, [rule({ windowSeconds: 1 })]);
	const longer = rule({ windowSeconds: 1_000 });
	const ledger = new Ledger(flash, hashes, [longer], ["plan"]);
	const { window, windowCount } = ledger.spending(longer, 1_795_000_100);
	t.is(windowCount, 100);
	t.is(integer(window), 14_950n);
});
