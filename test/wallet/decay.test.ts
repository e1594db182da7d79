/**
 * Absence is not innocence: at every moment of the ledger's life, and of a purchase's, the power is cut and one entry of flash
 * is lost, changed, or comes back as an older copy. What then is counted is exact, or nothing is signed.
 */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { configuration, FakeSeller, PAY_TO } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";
import { integer, MemoryFlash, type Side } from "../support/memory.js";
import { DECAYS, decayed, olderCopies } from "./decay.js";
import { amount, record, rule } from "./ledger_rig.js";

const OTHER = `0x${"11".repeat(20)}`;
const SIDES: readonly Side[] = ["before", "after"];
const PURCHASES = 20;
const amountOf = (period: number) => BigInt(10 ** (period % 9));

/** Purchases of a ledger, one a period; `left` has the periods in which money may have left, `begun` those of this life. */
function live(flash: MemoryFlash, left: Set<number>, begunIn = new Set<number>()): void {
	const ledger = new Ledger(flash, hashes, [rule()], ["plan"]);
	for (const open of ledger.openPurchases()) {
		if (open.state === "authorized") {
			ledger.confirm(open);
			left.add(open.period);
		}
		ledger.change({ ...open, state: open.state === "authorized" ? "unknown" : "expired", intent: undefined });
	}
	for (let period = (ledger.lastPeriod("plan") ?? 0) + 1; period <= PURCHASES; period++) {
		const fields = { period, time: 1_795_000_000 + period, amount: amount(amountOf(period)) };
		const begun = ledger.begin(record(fields), period);
		const authorized = ledger.change({ ...begun, state: "authorized" });
		left.add(period);
		begunIn.add(period);
		ledger.change({ ...authorized, state: "delivered" });
	}
}

/** The sums are exact, or nothing is signed; then the ledger lives on, and no period is bought in twice. */
function check(entries: Map<string, Uint8Array>, left: ReadonlySet<number>): string | undefined {
	const flash = new MemoryFlash();
	for (const [key, bytes] of entries) flash.entries.set(key, bytes);
	const sum = (periods: Iterable<number>) => [...periods].reduce((total, period) => total + amountOf(period), 0n);
	try {
		const ledger = new Ledger(flash, hashes, [rule()], ["plan"]);
		const life = integer(ledger.spending(rule(), 0).life);
		// One more may have been recorded, and nothing of it left.
		const next = new Set(left).add((Math.max(0, ...left) || 0) + 1);
		if (life !== sum(left) && life !== sum(next)) return `counts ${life}, ${sum(left)} left`;
		const again = new Set<number>();
		live(flash, new Set(), again);
		const twice = [...again].filter((period) => left.has(period));
		if (twice.length > 0) return `bought again in ${twice}`;
		const all = integer(new Ledger(flash, hashes, [rule()], ["plan"]).spending(rule(), 0).life);
		const expected = sum(Array.from({ length: PURCHASES }, (_, i) => i + 1));
		return all === expected ? undefined : `counts ${all} at the end, ${expected} were spent`;
	} catch (error) {
		return (error as Error).name === "LedgerDamaged" ? "refused" : `${error}`;
	}
}

test("each entry decays at each moment of a ledger: its sums are exact, or nothing is signed", (t) => {
	const whole = new MemoryFlash();
	live(whole, new Set());
	const wrong: string[] = [];
	const seen = { exact: 0, refused: 0 };
	for (let at = 1; at <= whole.writes; at++) {
		for (const side of SIDES) {
			const flash = new MemoryFlash();
			const copies = olderCopies(flash);
			flash.cut = { at, side };
			const left = new Set<number>();
			t.throws(() => live(flash, left), { name: "LedgerWriteFailed" });
			// A third of the keys at each moment, in turn: of one more purchase or less they all come by.
			for (const [i, key] of [...flash.entries.keys()].entries()) {
				if ((at + i) % 3 !== 0) continue;
				for (const decay of DECAYS) {
					const entries = decayed(flash.entries, copies, key, decay);
					if (entries === undefined) continue;
					const result = check(entries, left);
					if (result === undefined) seen.exact++;
					// Sums and heads are there twice: nothing is lost with one of them.
					else if (result === "refused" && key.startsWith("r")) seen.refused++;
					else wrong.push(`${side} ${at}, ${key} ${decay}: ${result}`);
				}
			}
		}
	}
	t.deepEqual(wrong, []);
	t.log(`${seen.exact} exact, ${seen.refused} refused`);
	t.true(seen.exact > 500 && seen.refused > 500);
});

test("a page of flash fails with all entries on it: the sums are exact, or nothing is signed", (t) => {
	const wrong: string[] = [];
	for (let at = 3; at <= 80; at += 5) {
		const flash = new MemoryFlash();
		const write = flash.write.bind(flash);
		flash.write = (key, bytes) => {
			write(key, bytes);
			// The Map's order is that of the last writes.
			const value = flash.entries.get(key)!;
			flash.entries.delete(key);
			flash.entries.set(key, value);
		};
		flash.cut = { at, side: "after" };
		const left = new Set<number>();
		t.throws(() => live(flash, left), { name: "LedgerWriteFailed" });
		const keys = [...flash.entries.keys()];
		for (let from = 0; from < keys.length; from++) {
			for (let length = 2; length <= 12 && from + length <= keys.length && length < keys.length; length++) {
				const entries = new Map(flash.entries);
				for (const key of keys.slice(from, from + length)) entries.delete(key);
				const result = check(entries, left);
				if (result !== undefined && result !== "refused")
					wrong.push(`${at}, ${keys.slice(from, from + length)}: ${result}`);
			}
		}
	}
	t.deepEqual(wrong, []);
});

test("the loss of a record is noticed, too, if its payment was sent after a restart", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	// Recorded as authorized; its head, which comes before it leaves, is not.
	device.flash.cut = { at: 2, side: "after" };
	await device.run(configuration());
	t.is(seller.payments.length, 0);
	device.flash.boot();
	device.flash.refuses = (key) => key.startsWith("r");
	await device.run(configuration());
	t.is(seller.distinct, 1);
	device.flash.boot();
	device.flash.refuses = () => false;
	device.flash.entries.delete("r0");
	await t.throwsAsync(device.run(configuration()), { name: "LedgerDamaged" });
	t.is(seller.distinct, 1);
});

for (const prepay of [false, true]) {
	test(`each entry decays at each moment of purchases${prepay ? " that prepay" : ""}: no period is paid twice`, async (t) => {
		const text = configuration([{ everySeconds: 3_600 }], { prepay }, { count: 1 });
		const buy = async (device: Device) => {
			await device.run(text);
			device.clock.now! += 3_600_000;
		};
		const first = new Device();
		new FakeSeller(first);
		for (let i = 0; i < 2; i++) await buy(first);
		first.flash.boot();
		await buy(first);
		const { writes } = first.flash;
		t.true(writes >= 4);
		let refused = 0;
		for (let at = 1; at <= writes; at++) {
			for (const key of ["r0", "r1", "r2", "head", "head.b"]) {
				for (const decay of DECAYS) {
					const device = new Device();
					const start = device.clock.now!;
					const seller = new FakeSeller(device);
					const copies = olderCopies(device.flash);
					for (let i = 0; i < 2; i++) await buy(device);
					device.flash.boot();
					device.flash.cut = { at, side: "after" };
					await device.run(text);
					device.flash.boot();
					const entries = decayed(device.flash.entries, copies, key, decay);
					if (entries === undefined) continue;
					device.flash.entries.clear();
					for (const [each, bytes] of entries) device.flash.entries.set(each, bytes);
					try {
						await device.run(text);
						const [spent] = device.spent();
						t.true((spent?.total ?? 0n) >= seller.moved, `${at} ${key} ${decay}: less counted than moved`);
					} catch (error) {
						t.is((error as Error).name, "LedgerDamaged");
						refused++;
					}
					const periods = 1 + (device.clock.now! - start) / 3_600_000;
					t.true(
						seller.distinct <= periods,
						`${at} ${key} ${decay}: ${seller.distinct} payments in ${periods} periods`,
					);
				}
			}
		}
		t.true(refused > 0);
	});
}

test("a plan that buys once buys once, also when its record is lost", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	await device.run(configuration());
	device.flash.entries.delete("r0");
	await t.throwsAsync(device.run(configuration()), { name: "LedgerDamaged" });
	t.is(seller.distinct, 1);
});

test("a sum for life holds, also when the sums are lost", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const text = configuration([{ everySeconds: 3_600 }], { maxForLife: "200000" }, { count: 1 });
	for (let i = 0; i < 18; i++) {
		await device.run(text);
		device.clock.now! += 3_600_000;
	}
	t.true(device.flash.entries.delete("totals"));
	for (let i = 0; i < 6; i++) {
		await device.run(text);
		device.clock.now! += 3_600_000;
	}
	t.is(seller.moved, 200_000n);
});

test("remembered terms that decayed in flash are not used to prepay", async (t) => {
	const text = configuration([{ everySeconds: 3_600 }], { prepay: true, payTo: [PAY_TO, OTHER] }, { count: 1 });
	const device = new Device();
	const seller = new FakeSeller(device);
	await device.run(text);
	const [key] = [...device.flash.entries.keys()].filter((each) => /^t[0-9a-f]{14}$/.test(each));
	const terms = Buffer.from(device.flash.entries.get(key!)!).toString("latin1");
	device.flash.entries.set(key!, Uint8Array.from(Buffer.from(terms.replace(PAY_TO, OTHER), "latin1")));
	device.clock.now! += 3_600_000;
	await device.run(text);
	t.deepEqual([...new Set(seller.payments.map(({ payTo }) => payTo.toLowerCase()))], [PAY_TO]);
	t.is(seller.distinct, 2);
});
