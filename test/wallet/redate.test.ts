/** A clock that was decades ahead blocks plans and windows until that time. The owner's remedy moves dates, and no amount. */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { redate } from "../../src/wallet/ledger_repair.js";
import { integer, MemoryFlash, type Side } from "../support/memory.js";
import { amount, record, rule } from "./ledger_rig.js";

const NOW = 1_795_000_000;
const AHEAD = NOW + 2_000_000_000;
const wide = rule({ windowSeconds: 800 });
const open = (flash: MemoryFlash) => new Ledger(flash, hashes, [wide], ["plan", "other"]);

/** Purchases of 100, some of them at a time that is decades ahead. */
function bought(...times: number[]): MemoryFlash {
	const flash = new MemoryFlash();
	for (const time of times) {
		const ledger = open(flash);
		const begun = ledger.begin(record({ period: time, time, amount: amount(100) }), time);
		ledger.change({ ...ledger.change({ ...begun, state: "authorized" }), state: "delivered" });
	}
	flash.boot();
	return flash;
}

const times = (count: number, start: number) => Array.from({ length: count }, (_, i) => start + i);

for (const [what, flash] of [
	["in records", () => bought(...times(3, NOW), ...times(4, AHEAD))],
	["in sums, too", () => bought(...times(3, NOW), ...times(20, AHEAD))],
] as const) {
	test(`dates that are ahead, ${what}: a redated plan buys again, its window passes, and no amount changes`, (t) => {
		const ahead = flash();
		const now = NOW + 100;
		const before = open(ahead).spending(wide, now);
		t.true(open(ahead).lastPeriod("plan")! >= AHEAD);
		t.is(integer(open(ahead).spending(wide, now + 10_000).window) > 0n, true);
		t.true(redate({ storage: ahead, hashes }, now) > 0);
		const ledger = open(ahead);
		t.deepEqual(ledger.spending(wide, now), before);
		t.is(integer(ledger.spending(wide, now + 801).window), 0n);
		t.is(ledger.lastPeriod("plan"), now);
		t.throws(() => ledger.begin(record({ period: now }), now), { name: "PeriodSpent" });
		t.notThrows(() => ledger.begin(record({ period: now + 1 }), now));
		ahead.boot();
		t.is(redate({ storage: ahead, hashes }, now + 2), 0);
		t.is(ahead.writes, 0);
	});

	test(`dates that are ahead, ${what}: the power may be cut at each write of the remedy`, (t) => {
		const now = NOW + 100;
		const whole = flash();
		redate({ storage: whole, hashes }, now);
		const { life } = open(whole).spending(wide, now);
		const SIDES: readonly Side[] = ["before", "after"];
		for (let at = 1; at <= whole.writes; at++) {
			for (const side of SIDES) {
				const cut = flash();
				cut.cut = { at, side };
				t.throws(() => redate({ storage: cut, hashes }, now));
				cut.boot();
				t.deepEqual(open(cut).spending(wide, now).life, life);
				redate({ storage: cut, hashes }, now);
				t.is(open(cut).lastPeriod("plan"), now);
				t.deepEqual(open(cut).spending(wide, now).life, life);
			}
		}
	});
}
