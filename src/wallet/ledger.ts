/**
 * The ledger: the durable journal of purchases, from which what was spent is counted.
 *
 * It assumes of flash only that each write is atomic on its own. Records lie in a ring of slots; each change of a purchase is
 * one write of its record. When the ring is full the oldest ended records are folded into the sums: one write that adds them
 * and says through which sequence number it has counted. A record at or below that number is free, so after a power cut
 * between the two writes every record is still counted exactly once. What flash has lost since is noticed (ledger_flash.ts).
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { damaged, LedgerError } from "./errors.js";
import { describeDamage, ENTRY_LIMIT, type Head, isAfter, LedgerFlash, newestOf, SLOTS } from "./ledger_flash.js";
import type { Spending } from "./policy.js";
import { encodeRecord, isFinal, type PurchaseRecord, type Summary, summaryOf } from "./record.js";
import type { Rule } from "./rule.js";
import { idOf, ruleIdentity } from "./rule_identity.js";
import { Totals } from "./totals.js";

/** Spent and still reserved of one asset, base units. */
export interface AssetSums {
	readonly network: string;
	readonly asset: string;
	spent: Uint8Array;
	reserved: Uint8Array;
}

/** What the ledger adds to a new purchase by itself. */
type OwnFields = "sequence" | "revision" | "ruleIdentity" | "count" | "cost";

/** Seconds: how far ahead of the chain's clock a device's may be. */
const CLOCK_MARGIN = 900;

export class Ledger {
	readonly #flash: LedgerFlash;
	readonly #rules: readonly Rule[];
	readonly #plans: readonly string[];
	#totals: Totals;
	/** Whether flash has both copies of the sums. */
	#isMirrored: boolean;
	/** By slot. A summary at or below `foldedThrough` marks a free slot, as `undefined` does. */
	readonly #slots: (Summary | undefined)[];
	readonly #heads: (Head | undefined)[];
	/** Ends that flash did not take when they came, by sequence number. */
	readonly #lateEnds = new Map<number, PurchaseRecord>();

	/** The keys of all entries. */
	static keys(): Generator<string> {
		return LedgerFlash.keys();
	}

	/**
	 * Reads all that flash holds. `makeRoom` gives up something in flash that is worth less than a purchase's record, and
	 * returns whether there was anything. Throws `LedgerError` `LedgerDamaged`, `LedgerTooNew`: then nothing may be signed.
	 */
	constructor(
		storage: Storage,
		hashes: Hashes,
		rules: readonly Rule[],
		plans: readonly string[],
		makeRoom: () => boolean = () => false,
	) {
		this.#flash = new LedgerFlash(storage, hashes, makeRoom);
		this.#rules = rules;
		this.#plans = plans;
		const { totals, slots, heads, isMirrored, damage } = this.#flash.readImage();
		if (damage !== undefined) throw damaged(describeDamage(damage));
		this.#totals = totals;
		this.#slots = slots;
		this.#heads = heads;
		this.#isMirrored = isMirrored;
		this.#identifyFormat1();
	}

	/** The purchases that a power cut or a restart has left open, oldest first. */
	openPurchases(): PurchaseRecord[] {
		return this.#live()
			.filter(({ state }) => !isFinal(state))
			.map(({ sequence }) => this.#flash.readRecord(this.#slotOf(sequence)));
	}

	/** The purchases that are kept one by one, oldest first. */
	purchases(): readonly Summary[] {
		return this.#live();
	}

	/** One of `purchases`, whole. */
	purchase(sequence: number): PurchaseRecord | undefined {
		const isLive = this.#live().some((entry) => entry.sequence === sequence);
		return isLive ? this.#flash.readRecord(this.#slotOf(sequence)) : undefined;
	}

	/**
	 * The last period in which `plan` bought or a signature of it left, or `undefined`. A purchase that expired before
	 * anything was signed does not count.
	 */
	lastPeriod(plan: string): number | undefined {
		const id = idOf(this.#flash.hashes, plan);
		let last = this.#totals.plans.find((total) => total.id === id)?.period;
		for (const entry of this.#live()) {
			if (entry.plan === plan && entry.state !== "expired") last = Math.max(last ?? 0, entry.period);
		}
		return last;
	}

	/**
	 * What `rule` has let go, at `now` (seconds). What rules of other names let go that the configuration no longer has, to
	 * the same seller in the same asset, counts too: a rule that is renamed forgets nothing, and one that takes the place of
	 * another allows no more than itself. `except` leaves one purchase out: the one that is to be changed.
	 */
	spending(rule: Rule, now: number, except?: number): Spending {
		const start = now - rule.windowSeconds;
		let window: Uint8Array = new Uint8Array(32);
		let life: Uint8Array = new Uint8Array(32);
		let windowCount = 0;
		for (const total of this.#totalsOf(rule)) {
			life = uint256.addCapped(life, total.life);
			for (const bucket of total.buckets) {
				if (bucket.until <= start) continue;
				window = uint256.addCapped(window, bucket.amount);
				windowCount += bucket.count;
			}
		}
		const identity = ruleIdentity(this.#flash.hashes, rule);
		for (const entry of this.#live()) {
			if (entry.sequence === except || entry.state === "expired") continue;
			if (entry.rule !== rule.name && (entry.ruleIdentity !== identity || this.#isNamed(entry.rule))) continue;
			life = uint256.addCapped(life, entry.amount);
			if (entry.time <= start) continue;
			window = uint256.addCapped(window, inWindow(entry, now));
			windowCount += entry.count;
		}
		return { window, windowCount, life };
	}

	/** What was spent and what is reserved, by asset. What was folded is spent: so is what a seller said it refused. */
	spent(): AssetSums[] {
		const sums: AssetSums[] = [];
		for (const { network, asset, sum } of this.#totals.assets) sumOf(sums, network, asset).spent = sum;
		for (const entry of this.#live()) {
			if (entry.asset === "") continue;
			const sum = sumOf(sums, entry.network, entry.asset);
			const isSpent = entry.state === "delivered" || entry.state === "unknown";
			if (isSpent) sum.spent = uint256.addCapped(sum.spent, entry.cost);
			else if (entry.state !== "expired") sum.reserved = uint256.addCapped(sum.reserved, entry.cost);
		}
		return sums;
	}

	/**
	 * Records a new purchase, and reserves its budget, before anything is signed. The record is durable when this returns.
	 * Throws `LedgerError` `PeriodSpent`, `LedgerFull`, `RecordTooLarge`, `LedgerWriteFailed`.
	 */
	begin(record: Omit<PurchaseRecord, OwnFields>, now: number): PurchaseRecord {
		this.#writeLateEnds();
		if (!this.#isMirrored) this.#writeTotals(this.#totals);
		const last = this.lastPeriod(record.plan);
		if (last !== undefined && last >= record.period) {
			throw new LedgerError(
				"PeriodSpent",
				`plan "${record.plan}" has bought in period ${last}, a purchase in period ${record.period} is not made`,
			);
		}
		const slot = this.#freeSlot(now);
		const whole = {
			...record,
			sequence: this.#nextSequence(),
			revision: 1,
			ruleIdentity: this.#identityOf(record.rule),
			count: record.kind === "free" ? 0 : 1,
			cost: record.amount,
		};
		this.#write(slot, whole);
		return whole;
	}

	/**
	 * Makes a change of a purchase durable; from "authorized" on, money may leave when this returns. Throws `LedgerError`
	 * `RecordTooLarge`, `LedgerWriteFailed`. An end that flash does not take is written again before the next purchase.
	 */
	change(record: PurchaseRecord): PurchaseRecord {
		const next = { ...record, revision: record.revision + 1 };
		if (isFinal(next.state)) {
			this.#lateEnds.set(next.sequence, next);
			this.#writeLateEnds();
			return next;
		}
		const slot = this.#slotOf(next.sequence);
		const before = this.#slots[slot]!;
		this.#write(slot, next);
		const isMore = next.count > before.count || uint256.compare(next.amount, before.amount) > 0;
		if (next.state === "authorized") this.#confirm(next, before.state === "intended" || isMore ? next.revision : 0);
		return next;
	}

	/** Makes it durable beside the record that money may have left for it. Throws `LedgerError` `LedgerWriteFailed`. */
	confirm(record: PurchaseRecord): void {
		this.#confirm(record, record.revision);
	}

	/** In the place of the older head; in both where there is none. */
	#confirm({ sequence }: PurchaseRecord, revision: number): void {
		const newest = newestOf(this.#heads);
		if (newest !== undefined && !isAfter({ sequence, revision }, newest)) return;
		const [first, second] = this.#heads;
		const isFirstOlder = first === undefined || (second !== undefined && isAfter(second, first));
		const which = newest === undefined ? [0, 1] : [isFirstOlder ? 0 : 1];
		for (const each of which) {
			this.#flash.writeHead(each, { sequence, revision });
			this.#heads[each] = { sequence, revision };
		}
	}

	#write(slot: number, record: PurchaseRecord): void {
		this.#flash.writeRecord(slot, encodeRecord(record, ENTRY_LIMIT));
		this.#slots[slot] = summaryOf(record);
	}

	/** The head comes first: without one, an end would look like all that a decayed page has left. */
	#writeLateEnds(): void {
		for (const [sequence, end] of this.#lateEnds) {
			if (end.state !== "expired" && end.kind !== "free") this.#confirm(end, 0);
			this.#write(this.#slotOf(sequence), end);
			this.#lateEnds.delete(sequence);
		}
	}

	/** The summaries that count one by one, oldest first. */
	#live(): Summary[] {
		const { foldedThrough } = this.#totals;
		return this.#slots
			.filter((entry): entry is Summary => entry !== undefined && entry.sequence > foldedThrough)
			.sort((a, b) => a.sequence - b.sequence);
	}

	#slotOf(sequence: number): number {
		return this.#slots.findIndex((entry) => entry?.sequence === sequence);
	}

	#nextSequence(): number {
		return this.#slots.reduce((last, entry) => Math.max(last, entry?.sequence ?? 0), this.#totals.foldedThrough) + 1;
	}

	#freeSlot(now: number): number {
		let slot = this.#findFree();
		if (slot < 0) {
			this.#closeRunOut(now);
			this.#fold(now);
			slot = this.#findFree();
		}
		if (slot < 0) {
			throw new LedgerError(
				"LedgerFull",
				`the oldest of ${SLOTS} purchases is still open; it is closed a quarter of an hour after its validBefore`,
			);
		}
		return slot;
	}

	#findFree(): number {
		return this.#slots.findIndex((entry) => entry === undefined || entry.sequence <= this.#totals.foldedThrough);
	}

	/** Ends the open purchases of which nothing can come any more, so that their records can be folded. */
	#closeRunOut(now: number): void {
		for (const { state, validBefore, sequence } of this.#live()) {
			if (isFinal(state) || now <= validBefore + CLOCK_MARGIN) continue;
			const record = this.#flash.readRecord(this.#slotOf(sequence));
			const end = state === "intended" ? "expired" : "unknown";
			this.change({ ...record, state: end, outcome: "run_out", intent: undefined, progress: new Uint8Array(0) });
		}
	}

	/** Counts the oldest purchases, as far as they have ended, into the sums: half the ring at most, in one write. */
	#fold(now: number): void {
		const ended: Summary[] = [];
		for (const entry of this.#live().slice(0, SLOTS / 2)) {
			if (!isFinal(entry.state)) break;
			ended.push(entry);
		}
		if (ended.length === 0) return;
		const { hashes } = this.#flash;
		const next = Totals.decode(this.#totals.encode(ENTRY_LIMIT)!, hashes);
		for (const entry of ended) {
			const window = this.#rules.find(({ name }) => name === entry.rule)?.windowSeconds ?? 0;
			next.fold(
				entry,
				{ rule: idOf(hashes, entry.rule), plan: idOf(hashes, entry.plan) },
				inWindow(entry, now),
				window,
			);
		}
		this.#writeTotals(next);
	}

	#writeTotals(totals: Totals): void {
		totals.generation++;
		let bytes = totals.encode(ENTRY_LIMIT);
		if (bytes === undefined) {
			const named = this.#named();
			while (bytes === undefined && totals.shrink(named)) bytes = totals.encode(ENTRY_LIMIT);
		}
		if (bytes === undefined) {
			throw new LedgerError("LedgerFull", `the sums take more than the ${ENTRY_LIMIT} bytes that fit into flash`);
		}
		this.#isMirrored = false;
		this.#flash.writeTotals(bytes);
		this.#isMirrored = true;
		this.#totals = totals;
	}

	#named() {
		const { hashes } = this.#flash;
		return {
			rules: this.#rules.map(({ name }) => idOf(hashes, name)),
			identities: this.#rules.map((rule) => ruleIdentity(hashes, rule)),
			plans: this.#plans.map((plan) => idOf(hashes, plan)),
			isAssetNamed: ({ network, asset }: { readonly network: string; readonly asset: string }) =>
				this.#rules.some((rule) => rule.asset.network === network && rule.asset.address === asset),
		};
	}

	/** The sums that count for a rule: its own, and those of rules it may be the new name of. */
	#totalsOf(rule: Rule) {
		const { hashes } = this.#flash;
		const id = idOf(hashes, rule.name);
		const identity = ruleIdentity(hashes, rule);
		const present = this.#rules.map(({ name }) => idOf(hashes, name));
		return this.#totals.rules.filter((total) => {
			return total.id === id || (total.identity === identity && !present.includes(total.id));
		});
	}

	#isNamed(rule: string): boolean {
		return this.#rules.some(({ name }) => name === rule);
	}

	/** 0 for a rule that the configuration does not have. */
	#identityOf(rule: string): number {
		const found = this.#rules.find(({ name }) => name === rule);
		return found === undefined ? 0 : ruleIdentity(this.#flash.hashes, found);
	}

	/** Gives records and sums of format 1 the identity of their rules, as long as those have the names that they had. */
	#identifyFormat1(): void {
		const { hashes } = this.#flash;
		for (const rule of this.#rules) {
			const total = this.#totals.rules.find(({ id, identity }) => identity === 0 && id === idOf(hashes, rule.name));
			if (total !== undefined) total.identity = ruleIdentity(hashes, rule);
		}
		for (const [slot, entry] of this.#slots.entries()) {
			if (entry === undefined || entry.ruleIdentity !== 0) continue;
			this.#slots[slot] = { ...entry, ruleIdentity: this.#identityOf(entry.rule) };
		}
	}
}

/**
 * What a purchase counts in its rule's window: what it cost. A refusal is the seller's word: the window gets the amount back
 * once the signature has run out, by a clock that may be some minutes ahead of the chain's, and the sum for life never does.
 * So whatever sellers say, no more than `maxForLife` ever leaves by a rule.
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
