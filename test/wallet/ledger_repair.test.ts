/** The remedy for a damaged ledger: the owner says what was spent at most, and it goes on from there, never from less. */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { LedgerError } from "../../src/wallet/errors.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { findLoss, settleLoss } from "../../src/wallet/ledger_repair.js";
import { integer, MemoryFlash, type Side } from "../support/memory.js";
import { amount, record, rule } from "./ledger_rig.js";

const NOW = 1_795_000_100;
const first = rule({ name: "first", windowSeconds: 800 });
const second = rule({ name: "second", origin: "https://other.test" });
const rules = [first, second];
const plans = ["plan", "other"];

/** Twenty purchases of 100 by the first rule, one of 7 by the second; then `lost` entries are gone. */
function damaged(...lost: string[]): MemoryFlash {
	const flash = new MemoryFlash();
	const ledger = new Ledger(flash, hashes, rules, plans);
	for (let i = 1; i <= 21; i++) {
		const fields =
			i === 21 ? { rule: "second", plan: "other", amount: amount(7) } : { rule: "first", amount: amount(100) };
		const begun = ledger.begin(record({ period: i, time: NOW - 100 + i, ...fields }), NOW - 100 + i);
		ledger.change({ ...ledger.change({ ...begun, state: "authorized" }), state: "delivered" });
	}
	for (const key of lost) flash.entries.delete(key);
	return flash;
}

const open = (storage: MemoryFlash) => new Ledger(storage, hashes, rules, plans);
const at = (storage: MemoryFlash) => ({ storage, hashes, rules, plans });
const atMost = (a: number, b: number) =>
	new Map([
		["first", amount(a)],
		["second", amount(b)],
	]);

test("a ledger that has lost nothing has no loss, and settling changes nothing", (t) => {
	const flash = damaged();
	t.is(findLoss(at(flash)), undefined);
	const { writes } = flash;
	settleLoss(at(flash), new Map(), NOW);
	t.is(flash.writes, writes);
});

test("a loss names what is missing and what each rule is known to have spent", (t) => {
	// Slot 3 has purchase 20.
	const loss = findLoss(at(damaged("r3")))!;
	t.deepEqual(loss.missing, [20]);
	t.deepEqual(
		loss.known.map(({ rule: { name }, life }) => [name, integer(life)]),
		[
			["first", 1_900n],
			["second", 7n],
		],
	);
	const sums = findLoss(at(damaged("totals", "totals.b")))!;
	// Purchases 6 to 8 were folded, and no other has taken their slots yet.
	t.deepEqual(sums.missing, [1, 2, 3, 4, 5]);
	const changed = damaged();
	changed.entries.set("r4", Uint8Array.of(1, 2, 3, 4, 5));
	t.deepEqual(findLoss(at(changed)), { missing: [21], unreadable: ["r4"], known: findLoss(at(damaged("r4")))!.known });
});

test("the ledger continues from what the owner sets as spent at most", (t) => {
	const flash = damaged("r3");
	t.throws(() => open(flash), { name: "LedgerDamaged", message: /purchase 20 missing/ });
	settleLoss(at(flash), atMost(2_500, 7), NOW);
	const ledger = open(flash);
	t.is(findLoss(at(flash)), undefined);
	const { life, window, windowCount } = ledger.spending(first, NOW);
	t.deepEqual([integer(life), integer(window), windowCount], [2_500n, 2_500n, 20]);
	t.is(integer(ledger.spending(second, NOW).life), 7n);
	t.is(integer(ledger.spent()[0]!.spent), 2_507n);
	// What is not known may have left just now: it stays in the window for as long as that is.
	t.is(integer(ledger.spending(first, NOW + 750).window), 600n);
	t.is(integer(ledger.spending(first, NOW + 801).window), 0n);
});

test("after a loss no plan buys again in its present period, and one that buys once not at all", (t) => {
	const flash = damaged("r4");
	settleLoss(at(flash), atMost(2_000, 7), NOW);
	const ledger = open(flash);
	for (const plan of plans) {
		t.is(ledger.lastPeriod(plan), NOW);
		t.throws(() => ledger.begin(record({ plan, period: 0 }), NOW), { name: "PeriodSpent" });
	}
	const next = ledger.begin(record({ period: NOW + 1, rule: "first" }), NOW + 1);
	t.true(next.sequence > 21);
	t.is(integer(open(flash).spending(first, NOW).life), 12_000n);
});

test("sums below what is known to be spent, or missing, are refused, and nothing changes", (t) => {
	const flash = damaged("r3");
	const { writes } = flash;
	for (const said of [atMost(1_899, 7), atMost(1_900, 6), new Map([["first", amount(5_000)]])]) {
		t.throws(() => settleLoss(at(flash), said, NOW), { instanceOf: LedgerError, name: "SpentTooLow" });
	}
	t.is(flash.writes, writes);
	t.throws(() => open(flash), { name: "LedgerDamaged" });
});

for (const lost of [
	["r3"],
	["r4"],
	["totals", "totals.b"],
	["head", "head.b"],
	["r3", "r4", "head", "head.b", "totals"],
]) {
	test(`with ${lost.join(", ")} lost, the power may be cut at each write of the remedy`, (t) => {
		const whole = damaged(...lost);
		whole.boot();
		settleLoss(at(whole), atMost(5_000, 50), NOW);
		t.true(whole.writes >= 4);
		const SIDES: readonly Side[] = ["before", "after"];
		for (let cut = 1; cut <= whole.writes; cut++) {
			for (const side of SIDES) {
				const flash = damaged(...lost);
				flash.boot();
				flash.cut = { at: cut, side };
				t.throws(() => settleLoss(at(flash), atMost(5_000, 50), NOW));
				flash.boot();
				if (findLoss(at(flash)) !== undefined) settleLoss(at(flash), atMost(5_000, 50), NOW);
				t.is(integer(open(flash).spending(first, NOW).life), 5_000n, `${side} ${cut}`);
				t.is(integer(open(flash).spending(second, NOW).life), 50n, `${side} ${cut}`);
			}
		}
	});
}

test("a purchase that is missing counts as a signature in every rule's window, also where the owner knows of no more spent", (t) => {
	for (const [prepay, signatures] of [
		[false, 1],
		[true, 2],
	] as const) {
		const flash = damaged("r3");
		settleLoss({ ...at(flash), rules: [{ ...first, prepay }, second] }, atMost(1_900, 7), NOW);
		const ledger = open(flash);
		t.is(ledger.spending(first, NOW).windowCount, 19 + signatures);
		t.is(ledger.spending(second, NOW).windowCount, 2);
		t.is(ledger.spending(first, NOW + 801).windowCount, 0);
	}
});
