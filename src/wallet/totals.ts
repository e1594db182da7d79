/**
 * The sums of folded purchases: for each rule its spending for life and in its window, for each asset the amount spent, for
 * each plan the last period in which it bought. They are one CBOR map, written whole, so that they change atomically.
 *
 * Rules and plans are identified by 48 bits of their names' digests (rule_identity.ts), so that long names cannot make the
 * sums outgrow their flash entry.
 */
import type * as cbor from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import { asAmount, asArray, asBytes, asNumber, asText, encodeWithin, Fields } from "./cbor_fields.js";
import { damaged } from "./errors.js";
import { NUMBER_SIZE, readNumber, replaced, writeNumber } from "./packed.js";
import type { Summary } from "./record.js";
import { idOf } from "./rule_identity.js";
import { asRuleTotals, type RuleTotal, type RuleTotals, rulesIn, withRule } from "./rule_totals.js";
import {
	bucketCount,
	bucketsOf,
	coarser,
	emptyWindow,
	joined,
	pack,
	type Window,
	windowInFormat1,
	withPurchase,
} from "./window.js";

export interface AssetTotal {
	readonly network: string;
	readonly asset: string;
	sum: Uint8Array;
}

/** The parts that the configuration still names. Only others are dropped to make room. */
export interface Named {
	/** Ids of rules, identities of rules, ids of plans. */
	readonly rules: readonly number[];
	readonly identities: readonly number[];
	readonly plans: readonly number[];
	isAssetNamed(total: AssetTotal): boolean;
}

/** The keys of the map, as in docs/flash.md. */
export const TOTALS_FIELDS: Readonly<Record<"foldedThrough" | "generation" | "assets" | "rules" | "plans", number>> =
	Object.freeze({ foldedThrough: 1, generation: 5, assets: 6, rules: 7, plans: 8 });

const PLAN_SIZE = 2 * NUMBER_SIZE;
/** Buckets that a window keeps when room is short: quarters of the window. */
const COARSE = 5;

export class Totals {
	/** Records up to this sequence number are counted here, and nowhere else. */
	foldedThrough = 0;
	/** Counts the writes: the copy with the higher number is current. */
	generation = 0;
	readonly assets: AssetTotal[] = [];
	/** A row for each rule (rule_totals.ts). */
	rules: RuleTotals = new Uint8Array(0);
	/** A row for each plan: the id of its name and its last period, in six bytes each. */
	#plans: Uint8Array = new Uint8Array(0);

	/** Throws `LedgerError` `LedgerDamaged`, `LedgerTooNew`. */
	static decode(bytes: Uint8Array, hashes: Hashes): Totals {
		const fields = new Fields(bytes);
		const totals = new Totals();
		totals.foldedThrough = fields.number(TOTALS_FIELDS.foldedThrough);
		if (fields.format === 1) {
			totals.#readFormat1(fields, hashes);
			return totals;
		}
		totals.generation = fields.number(TOTALS_FIELDS.generation);
		for (const value of fields.array(TOTALS_FIELDS.assets)) totals.assets.push(readAsset(asArray(value)));
		totals.rules = asRuleTotals(fields.value(TOTALS_FIELDS.rules));
		totals.#plans = asBytes(fields.value(TOTALS_FIELDS.plans));
		if (totals.#plans.length % PLAN_SIZE !== 0) throw damaged("malformed rows of plans");
		return totals;
	}

	/** Makes a copy that may be changed. Rows and amounts are immutable, so both share them. */
	clone(): Totals {
		const copy = new Totals();
		copy.foldedThrough = this.foldedThrough;
		copy.generation = this.generation;
		for (const total of this.assets) copy.assets.push({ ...total });
		copy.rules = this.rules;
		copy.#plans = this.#plans;
		return copy;
	}

	/**
	 * Encodes the sums and leaves the last four bytes for `appendChecksum`. Returns `undefined` if they take more than `limit`
	 * bytes.
	 */
	encode(limit: number): Uint8Array | undefined {
		return encodeWithin(
			limit,
			new Map<number, cbor.CborValue>([
				[TOTALS_FIELDS.foldedThrough, this.foldedThrough],
				[TOTALS_FIELDS.generation, this.generation],
				[TOTALS_FIELDS.assets, this.assets.map(({ network, asset, sum }) => [network, asset, uint256.toMinimal(sum)])],
				[TOTALS_FIELDS.rules, this.rules],
				[TOTALS_FIELDS.plans, this.#plans],
			]),
		);
	}

	/** Adds a purchase: its amount for life, its cost to the asset's sum, and `inWindow` to its rule's window. */
	fold(
		purchase: Summary,
		ids: { readonly rule: number; readonly plan: number },
		inWindow: Uint8Array,
		windowSeconds: number,
	): void {
		this.foldedThrough = purchase.sequence;
		if (purchase.state === "expired") return;
		this.bought(ids.plan, purchase.period);
		if (purchase.rule === "") return;
		const { network, asset, cost, amount, ruleIdentity, time, count } = purchase;
		this.addSpent(network, asset, cost);
		const bucket = { from: time, until: time, amount: inWindow, count };
		this.#add(ids.rule, ruleIdentity, amount, (window) => withPurchase(window, bucket, windowSeconds));
	}

	/** The last period in which a plan bought. */
	lastPeriod(id: number): number | undefined {
		const at = this.#planAt(id);
		return at < this.#plans.length ? readNumber(this.#plans, at + NUMBER_SIZE) : undefined;
	}

	/** Records that a plan bought in a period. */
	bought(id: number, period: number): void {
		this.#setPeriod(id, Math.max(this.lastPeriod(id) ?? 0, period));
	}

	addSpent(network: string, asset: string, amount: Uint8Array): void {
		let total = this.assets.find((each) => each.network === network && each.asset === asset);
		if (total === undefined) {
			total = { network, asset, sum: new Uint8Array(32) };
			this.assets.push(total);
		}
		total.sum = uint256.addCapped(total.sum, amount);
	}

	/**
	 * Adds the amount that a rule may have spent at any time until `now`, by as many signatures as `count`: it counts for life,
	 * and in the window as of `now`.
	 */
	addUnknown(id: number, identity: number, amount: Uint8Array, now: number, count = 1): void {
		const isNothing = uint256.isZero(amount) && count === 0;
		const unknown = pack([{ from: now, until: now, amount, count }]);
		this.#add(id, identity, amount, (window) => (isNothing ? window : joined(window, unknown)));
	}

	/** Moves dates after `now` back to it. Returns true if there were any. */
	redate(now: number): boolean {
		let isChanged = false;
		for (let at = 0; at < this.#plans.length; at += PLAN_SIZE) {
			if (readNumber(this.#plans, at + NUMBER_SIZE) <= now) continue;
			this.#setPeriod(readNumber(this.#plans, at), now);
			isChanged = true;
		}
		for (const { id, window } of rulesIn(this.rules)) {
			const before = [...bucketsOf(window)];
			if (before.every(({ until }) => until <= now)) continue;
			const after = before.map((each) => ({
				...each,
				from: Math.min(each.from, now),
				until: Math.min(each.until, now),
			}));
			this.rules = withRule(this.rules, id, (total) => ({ ...total!, window: pack(after) }));
			isChanged = true;
		}
		return isChanged;
	}

	/** Sets the identity of a rule whose identity is not known. */
	identify(id: number, identity: number): void {
		for (const total of rulesIn(this.rules)) {
			if (total.id === id && total.identity === 0)
				this.rules = withRule(this.rules, id, () => ({ ...total, identity }));
		}
	}

	/**
	 * Makes room in steps, cheapest first. Returns true if there was anything to drop. Windows may forget later because of it.
	 * Plans, rules and assets that the configuration no longer names may be forgotten; the sum of one that it names never is.
	 */
	shrink(named: Named): boolean {
		return (
			this.#mergeFormerRules(named) ||
			this.#forgetPlan(named) ||
			this.#coarsen(COARSE) ||
			this.#forgetRule(named) ||
			this.#forgetAsset(named) ||
			this.#coarsen(1)
		);
	}

	/** Adds to the sums of a rule and sets its identity. */
	#add(id: number, identity: number, amount: Uint8Array, change: (window: Window) => Window): void {
		this.rules = withRule(this.rules, id, (total) => ({
			id,
			identity: identity === 0 ? (total?.identity ?? 0) : identity,
			life: uint256.addCapped(total?.life ?? new Uint8Array(32), amount),
			window: change(total?.window ?? emptyWindow()),
		}));
	}

	/** Merges the sums of two removed rules that paid the same seller in the same asset. */
	#mergeFormerRules(named: Named): boolean {
		const former = [...rulesIn(this.rules)].filter(({ id, identity }) => identity !== 0 && !named.rules.includes(id));
		for (const [i, total] of former.entries()) {
			const other = former.slice(i + 1).find(({ identity }) => identity === total.identity);
			if (other === undefined) continue;
			const life = uint256.addCapped(total.life, other.life);
			const window = joined(total.window, other.window, COARSE);
			this.rules = withRule(this.rules, other.id, () => undefined);
			this.rules = withRule(this.rules, total.id, () => ({ ...total, life, window }));
			return true;
		}
		return false;
	}

	#coarsen(least: number): boolean {
		let most: RuleTotal | undefined;
		let buckets = least;
		for (const total of rulesIn(this.rules)) {
			const count = bucketCount(total.window);
			if (count <= buckets) continue;
			most = total;
			buckets = count;
		}
		if (most === undefined) return false;
		const window = coarser(most.window);
		this.rules = withRule(this.rules, most.id, (total) => ({ ...total!, window }));
		return true;
	}

	#forgetRule(named: Named): boolean {
		for (const { id, identity } of rulesIn(this.rules)) {
			if (named.rules.includes(id) || named.identities.includes(identity)) continue;
			this.rules = withRule(this.rules, id, () => undefined);
			return true;
		}
		return false;
	}

	#forgetPlan(named: Named): boolean {
		for (let at = 0; at < this.#plans.length; at += PLAN_SIZE) {
			if (named.plans.includes(readNumber(this.#plans, at))) continue;
			this.#plans = replaced(this.#plans, at, at + PLAN_SIZE, new Uint8Array(0));
			return true;
		}
		return false;
	}

	#forgetAsset(named: Named): boolean {
		const at = this.assets.findIndex((asset) => !named.isAssetNamed(asset));
		if (at >= 0) this.assets.splice(at, 1);
		return at >= 0;
	}

	#setPeriod(id: number, period: number): void {
		const at = this.#planAt(id);
		const row = new Uint8Array(PLAN_SIZE);
		writeNumber(row, 0, id);
		writeNumber(row, NUMBER_SIZE, period);
		this.#plans = replaced(this.#plans, at, Math.min(at + PLAN_SIZE, this.#plans.length), row);
	}

	/** Returns the offset of the plan's row, or the end. */
	#planAt(id: number): number {
		let at = 0;
		while (at < this.#plans.length && readNumber(this.#plans, at) !== id) at += PLAN_SIZE;
		return at;
	}

	/** Reads format 1: one sum for each rule's name and asset, "" for removed rules, and names where format 2 has ids. */
	#readFormat1(fields: Fields, hashes: Hashes): void {
		for (const value of fields.array(2)) {
			const [rule, network, asset, life, buckets] = asArray(value);
			const sum = asAmount(life);
			this.addSpent(asText(network), asText(asset), sum);
			if (rule === "") continue;
			const before = windowInFormat1(asArray(buckets));
			this.#add(idOf(hashes, asText(rule)), 0, sum, (window) => joined(window, before));
		}
		for (const value of fields.array(3)) {
			const [plan, period] = asArray(value);
			this.bought(idOf(hashes, asText(plan)), asNumber(period));
		}
	}
}

function readAsset([network, asset, sum]: readonly cbor.CborValue[]): AssetTotal {
	return { network: asText(network), asset: asText(asset), sum: asAmount(sum) };
}
