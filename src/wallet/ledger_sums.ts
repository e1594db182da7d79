/**
 * Adds up the ledger's records and sums: the spending of each rule, the amount spent of each asset, and each plan's last
 * period.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import { LedgerError } from "./errors.js";
import { ENTRY_LIMIT } from "./ledger_flash.js";
import type { Spending } from "./policy.js";
import type { Summary } from "./record.js";
import type { Rule } from "./rule.js";
import { idOf, ruleIdentity } from "./rule_identity.js";
import { type RuleTotal, rulesIn } from "./rule_totals.js";
import type { Totals } from "./totals.js";
import { bucketsOf } from "./window.js";

/** The spent and the still reserved amount of one asset, base units. */
export interface AssetSums {
	readonly network: string;
	readonly asset: string;
	spent: Uint8Array;
	reserved: Uint8Array;
}

/** Seconds: the most that a device's clock may be ahead of the chain's. */
export const CLOCK_MARGIN = 900;

export class LedgerSums {
	readonly #hashes: Hashes;
	readonly #rules: readonly Rule[];
	readonly #plans: readonly string[];
	/** The sums of folded records. */
	totals: Totals;
	/** Indexed by slot. A summary at or below `foldedThrough` marks a free slot, as `undefined` does. */
	readonly slots: (Summary | undefined)[];

	constructor(
		hashes: Hashes,
		rules: readonly Rule[],
		plans: readonly string[],
		{ totals, slots }: { readonly totals: Totals; readonly slots: (Summary | undefined)[] },
	) {
		this.#hashes = hashes;
		this.#rules = rules;
		this.#plans = plans;
		this.totals = totals;
		this.slots = slots;
		this.#identifyFormat1();
	}

	/** The summaries that are not yet folded, oldest first. */
	live(): Summary[] {
		const { foldedThrough } = this.totals;
		return this.slots
			.filter((entry): entry is Summary => entry !== undefined && entry.sequence > foldedThrough)
			.sort((a, b) => a.sequence - b.sequence);
	}

	/** Returns the newest summary in a slot, folded or not. */
	newest(): Summary | undefined {
		let newest: Summary | undefined;
		for (const entry of this.slots) {
			if (entry !== undefined && entry.sequence > (newest?.sequence ?? 0)) newest = entry;
		}
		return newest;
	}

	lastPeriod(plan: string): number | undefined {
		const id = idOf(this.#hashes, plan);
		let last = this.totals.lastPeriod(id);
		for (const entry of this.live()) {
			if (entry.plan === plan && entry.state !== "expired") last = Math.max(last ?? 0, entry.period);
		}
		return last;
	}

	spending(rule: Rule, now: number, except?: number): Spending {
		const start = now - rule.windowSeconds;
		let window: Uint8Array = new Uint8Array(32);
		let life: Uint8Array = new Uint8Array(32);
		let windowCount = 0;
		for (const total of this.#totalsOf(rule)) {
			life = uint256.addCapped(life, total.life);
			for (const bucket of bucketsOf(total.window)) {
				if (bucket.until <= start) continue;
				window = uint256.addCapped(window, bucket.amount);
				windowCount += bucket.count;
			}
		}
		const identity = ruleIdentity(this.#hashes, rule);
		for (const entry of this.live()) {
			if (entry.sequence === except || entry.state === "expired") continue;
			const isHeir = entry.ruleIdentity === identity && !this.#isPresent(idOf(this.#hashes, entry.rule), identity);
			if (entry.rule !== rule.name && !isHeir) continue;
			life = uint256.addCapped(life, entry.amount);
			if (entry.time <= start) continue;
			window = uint256.addCapped(window, inWindow(entry, now));
			windowCount += entry.count;
		}
		return { window, windowCount, life };
	}

	spent(): AssetSums[] {
		const sums: AssetSums[] = [];
		for (const { network, asset, sum } of this.totals.assets) sumOf(sums, network, asset).spent = sum;
		for (const entry of this.live()) {
			if (entry.asset === "") continue;
			const sum = sumOf(sums, entry.network, entry.asset);
			const isSpent = entry.state === "delivered" || entry.state === "unknown";
			if (isSpent) sum.spent = uint256.addCapped(sum.spent, entry.cost);
			else if (entry.state !== "expired") sum.reserved = uint256.addCapped(sum.reserved, entry.cost);
		}
		return sums;
	}

	/** Adds a purchase to `totals`, counted as of `now`. */
	fold(totals: Totals, entry: Summary, now: number): void {
		const window = this.#rules.find(({ name }) => name === entry.rule)?.windowSeconds ?? 0;
		const ids = { rule: idOf(this.#hashes, entry.rule), plan: idOf(this.#hashes, entry.plan) };
		totals.fold(entry, ids, inWindow(entry, now), window);
	}

	/**
	 * Encodes the sums for flash. If they do not fit, drops what the configuration no longer names. Throws `LedgerError`
	 * `LedgerFull`.
	 */
	encode(totals: Totals): Uint8Array {
		let bytes = totals.encode(ENTRY_LIMIT);
		if (bytes === undefined) {
			const named = this.#named();
			while (bytes === undefined && totals.shrink(named)) bytes = totals.encode(ENTRY_LIMIT);
		}
		if (bytes !== undefined) return bytes;
		throw new LedgerError(
			"LedgerFull",
			`the sums take more than the ${ENTRY_LIMIT} bytes of a flash entry: configure fewer rules or plans`,
		);
	}

	/** The identity of a rule (`ruleIdentity`); 0 if the configuration does not have it. */
	identityOf(rule: string): number {
		const found = this.#rules.find(({ name }) => name === rule);
		return found === undefined ? 0 : ruleIdentity(this.#hashes, found);
	}

	#named() {
		return {
			rules: this.#rules.map(({ name }) => idOf(this.#hashes, name)),
			identities: this.#rules.map((rule) => ruleIdentity(this.#hashes, rule)),
			plans: this.#plans.map((plan) => idOf(this.#hashes, plan)),
			isAssetNamed: ({ network, asset }: { readonly network: string; readonly asset: string }) =>
				this.#rules.some((rule) => rule.asset.network === network && rule.asset.address === asset),
		};
	}

	/** The sums that count for a rule: its own, and those of removed rules that it may be the new name of. */
	*#totalsOf(rule: Rule): Generator<RuleTotal> {
		const id = idOf(this.#hashes, rule.name);
		const identity = ruleIdentity(this.#hashes, rule);
		for (const total of rulesIn(this.totals.rules)) {
			const isHeir = total.identity === identity && !this.#isPresent(total.id, identity);
			if (total.id === id || isHeir) yield total;
		}
	}

	/** True if the configuration has a rule with that name for that seller and asset. Otherwise names may have been swapped. */
	#isPresent(id: number, identity: number): boolean {
		return this.#rules.some((rule) => {
			return idOf(this.#hashes, rule.name) === id && ruleIdentity(this.#hashes, rule) === identity;
		});
	}

	/** Gives records and sums of format 1 the identity of their rule, if the configuration still has a rule of that name. */
	#identifyFormat1(): void {
		for (const rule of this.#rules) {
			this.totals.identify(idOf(this.#hashes, rule.name), ruleIdentity(this.#hashes, rule));
		}
		for (const [slot, entry] of this.slots.entries()) {
			if (entry === undefined || entry.ruleIdentity !== 0) continue;
			this.slots[slot] = { ...entry, ruleIdentity: this.identityOf(entry.rule) };
		}
	}
}

/**
 * The amount that a purchase counts in its rule's window: its cost. A refusal rests on the seller's word alone: the window
 * gets the amount back after the signature has expired, with a margin for a clock that is ahead of the chain's. The sum for
 * life never gets it back. So whatever sellers claim, a rule never lets out more than `maxForLife`.
 */
function inWindow(entry: Summary, now: number): Uint8Array {
	const isBack = entry.state === "refused" && now > entry.validBefore + CLOCK_MARGIN;
	return isBack ? new Uint8Array(32) : entry.cost;
}

function sumOf(sums: AssetSums[], network: string, asset: string): AssetSums {
	let sum = sums.find((each) => each.network === network && each.asset === asset);
	if (sum === undefined) {
		sum = { network, asset, spent: new Uint8Array(32), reserved: new Uint8Array(32) };
		sums.push(sum);
	}
	return sum;
}
