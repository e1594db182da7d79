/**
 * Random lives of a ledger against a plain list of what may have left: power cuts, writes that flash refuses, an entry that
 * decays, a clock that jumps, a rule that changes its name, ends that say anything. Never more leaves than the rule allows for
 * life, no period is bought in twice, and the sums are never below the list.
 */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { findLoss, settleLoss } from "../../src/wallet/ledger_repair.js";
import { checkCaps } from "../../src/wallet/policy.js";
import type { Rule } from "../../src/wallet/rule.js";
import { Random } from "../encoding/random.js";
import { integer, MemoryFlash } from "../support/memory.js";
import { DECAYS, decayed, olderCopies } from "./decay.js";
import { amount, record, rule } from "./ledger_rig.js";

const LIVES = 60;
const STEPS = 90;
const FOR_LIFE = 120n;
const NAMES = ["one", "two", "three", "天気予報"];

class Life {
	readonly #random: Random;
	readonly flash = new MemoryFlash();
	readonly #copies = olderCopies(this.flash);
	#rule: Rule;
	#now = 1_795_000_000;
	#period = 0;
	#ledger: Ledger;
	#mayDecay = true;
	/** By period: what may have left. */
	readonly left = new Map<number, bigint>();
	refused = 0;

	constructor(random: Random) {
		this.#random = random;
		this.#rule = this.#named("one");
		this.#ledger = this.#open();
	}

	step(): void {
		const kind = this.#random.integer(20);
		if (kind === 0) this.#rule = this.#named(this.#random.pick(NAMES));
		if (kind === 1) this.#now += (this.#random.integer(7) - 3) * 1_000;
		if (kind === 2 && this.#mayDecay) this.#decay();
		if (kind <= 3) this.#restart();
		if (kind === 4) this.flash.refuses = () => this.#random.integer(2) === 0;
		if (kind === 5) {
			const at = this.flash.writes + 1 + this.#random.integer(8);
			this.flash.cut = { at, side: this.#random.pick(["before", "after"]) };
		}
		try {
			if (kind > 5) this.#buy();
		} catch (error) {
			const { name } = error as Error;
			if (!["OverLifeCap", "OverWindowCap", "LedgerWriteFailed", "LedgerFull"].includes(name)) throw error;
			if (name === "LedgerWriteFailed") this.#restart();
		}
	}

	/** What is counted for life by the present rule. */
	get counted(): bigint {
		return integer(this.#ledger.spending(this.#rule, this.#now).life);
	}

	get sum(): bigint {
		return [...this.left.values()].reduce((sum, value) => sum + value, 0n);
	}

	#named(name: string): Rule {
		return rule({ name, maxPerPayment: "9", maxPerWindow: "60", maxForLife: String(FOR_LIFE), windowSeconds: 2_000 });
	}

	#open(): Ledger {
		return new Ledger(this.flash, hashes, [this.#rule], ["plan"]);
	}

	#buy(): void {
		this.#now += this.#random.integer(100);
		this.#period++;
		const value = BigInt(1 + this.#random.integer(5));
		checkCaps(this.#rule, this.#ledger.spending(this.#rule, this.#now), amount(value), amount(9));
		const fields = { rule: this.#rule.name, period: this.#period, time: this.#now, validBefore: this.#now + 60 };
		const begun = this.#ledger.begin(record({ ...fields, amount: amount(value) }), this.#now);
		if (this.#random.integer(8) === 0) {
			this.#ledger.change({ ...begun, state: "expired" });
			return;
		}
		let authorized = this.#ledger.change({ ...begun, state: "authorized" });
		if (this.left.has(this.#period)) throw new Error(`bought again in ${this.#period}`);
		this.left.set(this.#period, value);
		if (this.#random.integer(8) === 0) {
			// A prepayment that is replaced by a dearer one.
			const more = value + BigInt(this.#random.integer(3));
			const rest = this.#ledger.spending(this.#rule, this.#now, authorized.sequence);
			checkCaps(this.#rule, rest, amount(more), amount(9), 2);
			authorized = this.#ledger.change({ ...authorized, amount: amount(more), cost: amount(more), count: 2 });
			this.left.set(this.#period, more);
		}
		const cost = amount(BigInt(this.#random.integer(Number(value) + 1)));
		const state = this.#random.pick(["delivered", "refused", "unknown"] as const);
		this.#ledger.change({ ...authorized, state, cost, intent: undefined });
	}

	#decay(): void {
		const key = this.#random.pick([...this.flash.entries.keys(), "none"]);
		const entries = decayed(this.flash.entries, this.#copies, key, this.#random.pick(DECAYS));
		if (entries === undefined) return;
		// One fault a life: what two of them hide from one another nothing can tell.
		this.#mayDecay = false;
		this.flash.entries.clear();
		for (const [each, bytes] of entries) this.flash.entries.set(each, bytes);
	}

	#restart(): void {
		this.flash.boot();
		this.flash.refuses = () => false;
		const ledger = { storage: this.flash, hashes, rules: [this.#rule], plans: ["plan"] };
		if (findLoss(ledger) !== undefined) {
			this.refused++;
			// The owner looks at the chain, and adds what is open.
			const known = integer(findLoss(ledger)!.known[0]!.life);
			const sum = this.sum + 9n;
			settleLoss(ledger, new Map([[this.#rule.name, amount(known > sum ? known : sum)]]), this.#now);
			this.#period = Math.max(this.#period, this.#now);
		}
		this.#ledger = this.#open();
		for (const open of this.#ledger.openPurchases()) {
			const state = open.state === "authorized" ? "unknown" : "expired";
			if (state === "unknown") {
				// Sent again, or for the first time.
				this.#ledger.confirm(open);
				this.left.set(open.period, integer(open.amount));
			}
			this.#ledger.change({ ...open, state, intent: undefined });
		}
		this.#period = Math.max(this.#period, this.#ledger.lastPeriod("plan") ?? 0);
	}
}

test("random lives: no more leaves than a rule allows for life, whatever its name, and nothing is counted below that", (t) => {
	const random = new Random(t);
	let refused = 0;
	let left = 0;
	for (let i = 0; i < LIVES; i++) {
		const life = new Life(random);
		for (let step = 0; step < STEPS; step++) {
			life.step();
			if (life.sum > FOR_LIFE || life.counted < life.sum) {
				t.fail(`life ${i}, step ${step}: ${life.sum} left of ${FOR_LIFE}, ${life.counted} counted`);
				return;
			}
		}
		refused += life.refused;
		left += life.left.size;
	}
	t.true(refused > 10 && left > LIVES * 10, `${refused} refused, ${left} left`);
	t.log(`${left} purchases, ${refused} times nothing was signed until the owner had settled it`);
});
