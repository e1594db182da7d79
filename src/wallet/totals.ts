/**
 * The sums of purchases whose records have made room for later ones: for each rule what it spent in its life and lately, for
 * each asset what was spent of it, for each plan the last period it bought in. One CBOR map, written whole, so that it
 * changes in one step.
 *
 * Rules and plans go by 48 bits of their names' digests (rule_identity.ts), so that no name makes the sums outgrow their
 * entry of flash.
 */
import type * as cbor from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import { asAmount, asArray, asNumber, asText, encodeWithin, Fields } from "./cbor_fields.js";
import type { Summary } from "./record.js";
import { idOf } from "./rule_identity.js";
import { addToWindow, type Bucket, coarsen, readBuckets, writeBuckets } from "./window.js";

export interface RuleTotal {
	/** Of the rule's name (`idOf`). */
	id: number;
	/** `ruleIdentity` of the rule as it last was; 0 when that is not known. */
	identity: number;
	life: Uint8Array;
	buckets: Bucket[];
}

export interface AssetTotal {
	readonly network: string;
	readonly asset: string;
	sum: Uint8Array;
}

export interface PlanTotal {
	/** Of the plan's name (`idOf`). */
	readonly id: number;
	/** The last in which this plan bought. */
	period: number;
}

/** What the configuration still names: room is made by what it does not. */
export interface Named {
	/** Ids of rules and of plans, identities of rules. */
	readonly rules: readonly number[];
	readonly identities: readonly number[];
	readonly plans: readonly number[];
	isAssetNamed(total: AssetTotal): boolean;
}

/** The keys of the map; docs/flash.md has the same. */
export const TOTALS_FIELDS: Readonly<Record<"foldedThrough" | "generation" | "assets" | "rules" | "plans", number>> =
	Object.freeze({ foldedThrough: 1, generation: 5, assets: 6, rules: 7, plans: 8 });

/** Buckets that a window keeps when room is short: quarters of it. */
const COARSE = 5;

export class Totals {
	/** Records up to this sequence number are counted here, and nowhere else. */
	foldedThrough = 0;
	/** Counts the writes: of two copies the one with more is the present one. */
	generation = 0;
	readonly assets: AssetTotal[] = [];
	readonly rules: RuleTotal[] = [];
	readonly plans: PlanTotal[] = [];

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
		for (const value of fields.array(TOTALS_FIELDS.rules)) totals.rules.push(readRule(asArray(value)));
		for (const value of fields.array(TOTALS_FIELDS.plans)) {
			const [id, period] = asArray(value);
			totals.plans.push({ id: asNumber(id), period: asNumber(period) });
		}
		return totals;
	}

	/** The last four bytes are left for `appendChecksum`; `undefined` when it has more than `limit` bytes. */
	encode(limit: number): Uint8Array | undefined {
		return encodeWithin(
			limit,
			new Map<number, cbor.CborValue>([
				[TOTALS_FIELDS.foldedThrough, this.foldedThrough],
				[TOTALS_FIELDS.generation, this.generation],
				[TOTALS_FIELDS.assets, this.assets.map(({ network, asset, sum }) => [network, asset, uint256.toMinimal(sum)])],
				[TOTALS_FIELDS.rules, this.rules.map(writeRule)],
				[TOTALS_FIELDS.plans, this.plans.map(({ id, period }) => [id, period])],
			]),
		);
	}

	/** Takes a purchase in: its amount for life, its cost in the sum of the asset, `inWindow` in the window of its rule. */
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
		this.addSpent(purchase.network, purchase.asset, purchase.cost);
		const total = this.ruleTotal(ids.rule, purchase.ruleIdentity);
		total.life = uint256.addCapped(total.life, purchase.amount);
		const { time, count } = purchase;
		const bucket = { from: time, until: time, amount: inWindow, count };
		addToWindow(total.buckets, bucket, windowSeconds);
	}

	/** Notes that a plan bought in a period. */
	bought(id: number, period: number): void {
		const plan = this.plans.find((each) => each.id === id);
		if (plan === undefined) this.plans.push({ id, period });
		else plan.period = Math.max(plan.period, period);
	}

	addSpent(network: string, asset: string, amount: Uint8Array): void {
		let total = this.assets.find((each) => each.network === network && each.asset === asset);
		if (total === undefined) {
			total = { network, asset, sum: new Uint8Array(32) };
			this.assets.push(total);
		}
		total.sum = uint256.addCapped(total.sum, amount);
	}

	/** Adds what a rule may have spent at any time until `now`: it counts for life, and in the window as of `now`. */
	addUnknown(id: number, identity: number, amount: Uint8Array, now: number): void {
		const total = this.ruleTotal(id, identity);
		total.life = uint256.addCapped(total.life, amount);
		if (!uint256.isZero(amount)) total.buckets.push({ from: now, until: now, amount, count: 1 });
	}

	/** The sums of a rule, which from now on goes by `identity` too. */
	ruleTotal(id: number, identity: number): RuleTotal {
		let total = this.rules.find((each) => each.id === id);
		if (total === undefined) {
			total = { id, identity, life: new Uint8Array(32), buckets: [] };
			this.rules.push(total);
		}
		if (identity !== 0) total.identity = identity;
		return total;
	}

	/**
	 * Makes room by what costs least, a step at a time; returns whether there was any. Windows may forget later for it, and
	 * plans, rules and assets that the configuration no longer names may be forgotten; no sum of one that it names is.
	 */
	shrink(named: Named): boolean {
		return (
			this.#mergeFormerRules(named) ||
			forget(this.plans, ({ id }) => !named.plans.includes(id)) ||
			this.#coarsen(COARSE) ||
			forget(this.rules, ({ id, identity }) => !named.rules.includes(id) && !named.identities.includes(identity)) ||
			forget(this.assets, (asset) => !named.isAssetNamed(asset)) ||
			this.#coarsen(1)
		);
	}

	/** Two rules that have gone and that paid the same seller in the same asset become one sum. */
	#mergeFormerRules(named: Named): boolean {
		const former = this.rules.filter(({ id, identity }) => identity !== 0 && !named.rules.includes(id));
		for (const [i, total] of former.entries()) {
			const other = former.slice(i + 1).find(({ identity }) => identity === total.identity);
			if (other === undefined) continue;
			total.life = uint256.addCapped(total.life, other.life);
			total.buckets = [...total.buckets, ...other.buckets].sort((a, b) => a.until - b.until);
			while (total.buckets.length > COARSE) coarsen(total.buckets);
			this.rules.splice(this.rules.indexOf(other), 1);
			return true;
		}
		return false;
	}

	#coarsen(least: number): boolean {
		let most: RuleTotal | undefined;
		for (const total of this.rules) if (total.buckets.length > (most?.buckets.length ?? least)) most = total;
		if (most !== undefined) coarsen(most.buckets);
		return most !== undefined;
	}

	/** Format 1 has one sum for each rule's name and asset, "" for rules that had gone, and names where format 2 has ids. */
	#readFormat1(fields: Fields, hashes: Hashes): void {
		for (const value of fields.array(2)) {
			const [rule, network, asset, life, buckets] = asArray(value);
			const sum = asAmount(life);
			this.addSpent(asText(network), asText(asset), sum);
			if (rule === "") continue;
			const total = this.ruleTotal(idOf(hashes, asText(rule)), 0);
			total.life = uint256.addCapped(total.life, sum);
			total.buckets = [...total.buckets, ...readBuckets(asArray(buckets))].sort((a, b) => a.until - b.until);
		}
		for (const value of fields.array(3)) {
			const [plan, period] = asArray(value);
			this.bought(idOf(hashes, asText(plan)), asNumber(period));
		}
	}
}

function forget<Total>(totals: Total[], isForgotten: (total: Total) => boolean): boolean {
	const at = totals.findIndex(isForgotten);
	if (at >= 0) totals.splice(at, 1);
	return at >= 0;
}

function readAsset([network, asset, sum]: readonly cbor.CborValue[]): AssetTotal {
	return { network: asText(network), asset: asText(asset), sum: asAmount(sum) };
}

function writeRule({ id, identity, life, buckets }: RuleTotal): cbor.CborValue {
	return [id, identity, uint256.toMinimal(life), writeBuckets(buckets)];
}

function readRule([id, identity, life, buckets]: readonly cbor.CborValue[]): RuleTotal {
	return {
		id: asNumber(id),
		identity: asNumber(identity),
		life: asAmount(life),
		buckets: readBuckets(asArray(buckets)),
	};
}
