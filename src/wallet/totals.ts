/**
 * The sums of purchases whose records have made room for later ones: for each rule what it spent in its life and lately,
 * for each plan the last period it bought in. One CBOR map under one key, written whole, so that it changes in one step.
 *
 * The rolling window is kept in buckets of an eighth of it. A bucket counts as long as its last purchase is in the window,
 * so the sum is never less than the true one, and at most an eighth of a window late in forgetting. Nothing is dropped by
 * its age, since a clock may be wrong: the oldest of more than ten buckets is added to the next, which is by then out of
 * the window.
 */
import type * as cbor from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { asAmount, asArray, asNumber, asText, damaged, encodeWithin, Fields, type Summary } from "./record.js";

interface Bucket {
	/** Seconds since the epoch, of its first and its last purchase. */
	from: number;
	until: number;
	amount: Uint8Array;
	count: number;
}

export interface RuleTotal {
	readonly rule: string;
	readonly network: string;
	readonly asset: string;
	life: Uint8Array;
	buckets: Bucket[];
}

export interface PlanTotal {
	readonly plan: string;
	/** The last in which this plan bought. */
	period: number;
}

const FORMAT = 1;
const BUCKETS_IN_WINDOW = 8;
/** From the end of the first to the beginning of the last there is a whole window. */
const BUCKETS_LIMIT = BUCKETS_IN_WINDOW + 2;

export class Totals {
	/** Records up to this sequence number are counted here, and nowhere else. */
	foldedThrough = 0;
	readonly rules: RuleTotal[] = [];
	readonly plans: PlanTotal[] = [];

	/** Throws `LedgerError` `LedgerDamaged`. */
	static decode(bytes: Uint8Array): Totals {
		const fields = new Fields(bytes);
		if (fields.number(0) !== FORMAT) throw damaged("sums of another format");
		const totals = new Totals();
		totals.foldedThrough = fields.number(1);
		for (const value of asArray(fields.value(2))) totals.rules.push(readRule(asArray(value)));
		for (const value of asArray(fields.value(3))) {
			const [plan, period] = asArray(value);
			totals.plans.push({ plan: asText(plan), period: asNumber(period) });
		}
		return totals;
	}

	/** The last four bytes are left for `appendChecksum`; `undefined` when it has more than `limit` bytes. */
	encode(limit: number): Uint8Array | undefined {
		return encodeWithin(
			limit,
			new Map<number, cbor.CborValue>([
				[0, FORMAT],
				[1, this.foldedThrough],
				[2, this.rules.map(writeRule)],
				[3, this.plans.map(({ plan, period }) => [plan, period])],
				[4, new Uint8Array(4)],
			]),
		);
	}

	/**
	 * Takes a purchase in, which counts its amount for life, and `inWindow` in the window of its rule.
	 */
	fold(purchase: Summary, inWindow: Uint8Array, windowSeconds: number): void {
		this.foldedThrough = purchase.sequence;
		const plan = this.plans.find(({ plan }) => plan === purchase.plan);
		if (purchase.state !== "expired") {
			if (plan === undefined) this.plans.push({ plan: purchase.plan, period: purchase.period });
			else plan.period = Math.max(plan.period, purchase.period);
		}
		if (purchase.rule === "" || purchase.state === "expired") return;
		const total = this.#ruleTotal(purchase);
		total.life = uint256.add(total.life, purchase.amount);
		addToBuckets(total, purchase.time, inWindow, windowSeconds);
	}

	/**
	 * Makes room: the first rule that the configuration no longer names becomes part of a sum by asset, which counts as
	 * spent and for no rule; then the first plan that it no longer names is forgotten. Returns whether there was any.
	 */
	shrink(rules: readonly string[], plans: readonly string[]): boolean {
		const rule = this.rules.findIndex((each) => each.rule !== "" && !rules.includes(each.rule));
		if (rule >= 0) {
			const [gone] = this.rules.splice(rule, 1);
			const sum = this.#ruleTotal({ ...gone!, rule: "" });
			sum.life = uint256.add(sum.life, gone!.life);
			return true;
		}
		const plan = this.plans.findIndex((each) => !plans.includes(each.plan));
		if (plan >= 0) this.plans.splice(plan, 1);
		return plan >= 0;
	}

	#ruleTotal({ rule, network, asset }: Pick<Summary, "rule" | "network" | "asset">): RuleTotal {
		let total = this.rules.find((each) => each.rule === rule && each.network === network && each.asset === asset);
		if (total === undefined) {
			total = { rule, network, asset, life: new Uint8Array(32), buckets: [] };
			this.rules.push(total);
		}
		return total;
	}
}

function addToBuckets(total: RuleTotal, time: number, amount: Uint8Array, windowSeconds: number): void {
	const width = Math.ceil(windowSeconds / BUCKETS_IN_WINDOW);
	let bucket = total.buckets.at(-1);
	// A clock that was set back files under the newest bucket, which is the one that counts longest.
	if (bucket === undefined || time - bucket.from >= width) {
		bucket = { from: time, until: time, amount: new Uint8Array(32), count: 0 };
		total.buckets.push(bucket);
	}
	bucket.until = Math.max(bucket.until, time);
	bucket.amount = uint256.add(bucket.amount, amount);
	bucket.count++;
	if (total.buckets.length > BUCKETS_LIMIT) mergeOldest(total.buckets);
}

function mergeOldest(buckets: Bucket[]): void {
	const oldest = buckets.shift()!;
	const next = buckets[0]!;
	next.from = oldest.from;
	next.amount = uint256.add(next.amount, oldest.amount);
	next.count += oldest.count;
}

function writeRule({ rule, network, asset, life, buckets }: RuleTotal): cbor.CborValue {
	return [
		rule,
		network,
		asset,
		uint256.toMinimal(life),
		// Four values a bucket, one after the other: a level less for the stack of a device.
		buckets.flatMap(({ from, until, amount, count }) => [from, until, uint256.toMinimal(amount), count]),
	];
}

function readRule([rule, network, asset, life, buckets]: readonly cbor.CborValue[]): RuleTotal {
	return {
		rule: asText(rule),
		network: asText(network),
		asset: asText(asset),
		life: asAmount(life),
		buckets: readBuckets(asArray(buckets)),
	};
}

function readBuckets(values: readonly cbor.CborValue[]): Bucket[] {
	const buckets: Bucket[] = [];
	for (let i = 0; i < values.length; i += 4) {
		buckets.push({
			from: asNumber(values[i]),
			until: asNumber(values[i + 1]),
			amount: asAmount(values[i + 2]),
			count: asNumber(values[i + 3]),
		});
	}
	return buckets;
}
