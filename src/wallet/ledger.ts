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
import { covers, describeDamage, ENTRY_LIMIT, type Head, LedgerFlash, SLOTS } from "./ledger_flash.js";
import { type AssetSums, CLOCK_MARGIN, LedgerSums } from "./ledger_sums.js";
import type { Spending } from "./policy.js";
import { encodeRecord, isFinal, type PurchaseRecord, type Summary, summaryOf } from "./record.js";
import type { Rule } from "./rule.js";
import type { Totals } from "./totals.js";

/** What the ledger adds to a new purchase by itself. */
type OwnFields = "sequence" | "revision" | "ruleIdentity" | "count" | "cost";

export class Ledger {
	readonly #flash: LedgerFlash;
	readonly #sums: LedgerSums;
	/** True if flash has both copies of the sums. */
	#isMirrored: boolean;
	/** As both copies in flash have it, if `#isHeadMirrored`. */
	#head: Head | undefined;
	#isHeadMirrored: boolean;
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
		const image = this.#flash.readImage();
		if (image.damage !== undefined) throw damaged(describeDamage(image.damage));
		this.#head = image.head;
		this.#isHeadMirrored = image.isHeadMirrored;
		this.#isMirrored = image.isMirrored;
		this.#sums = new LedgerSums(hashes, rules, plans, image);
	}

	/** The purchases that a power cut or a restart has left open, oldest first. */
	openPurchases(): PurchaseRecord[] {
		return this.#sums
			.live()
			.filter(({ state }) => !isFinal(state))
			.map(({ sequence }) => this.#flash.readRecord(this.#slotOf(sequence)));
	}

	/** The purchases that are kept one by one, oldest first. */
	purchases(): readonly Summary[] {
		return this.#sums.live();
	}

	/** One of `purchases`, whole. */
	purchase(sequence: number): PurchaseRecord | undefined {
		const isLive = this.#sums.live().some((entry) => entry.sequence === sequence);
		return isLive ? this.#flash.readRecord(this.#slotOf(sequence)) : undefined;
	}

	/**
	 * The last period in which `plan` bought or a signature of it left, or `undefined`. A purchase that expired before
	 * anything was signed does not count.
	 */
	lastPeriod(plan: string): number | undefined {
		return this.#sums.lastPeriod(plan);
	}

	/**
	 * What `rule` has let go, at `now` (seconds). What rules of other names let go that the configuration no longer has, to
	 * the same seller in the same asset, counts too: a rule that is renamed forgets nothing, and one that takes the place of
	 * another allows no more than itself. `except` leaves one purchase out: the one that is to be changed.
	 */
	spending(rule: Rule, now: number, except?: number): Spending {
		return this.#sums.spending(rule, now, except);
	}

	/** What was spent and what is reserved, by asset. What was folded counts as spent, a refusal too. */
	spent(): AssetSums[] {
		return this.#sums.spent();
	}

	/**
	 * Records a new purchase, and reserves its budget, before anything is signed. The record is durable when this returns.
	 * Throws `LedgerError` `PeriodSpent`, `LedgerFull`, `RecordTooLarge`, `LedgerWriteFailed`.
	 */
	begin(record: Omit<PurchaseRecord, OwnFields>, now: number): PurchaseRecord {
		this.#writeLateEnds();
		if (!this.#isMirrored) this.#writeTotals(this.#sums.totals);
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
			ruleIdentity: this.#sums.identityOf(record.rule),
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
		const before = this.#sums.slots[slot]!;
		this.#write(slot, next);
		const isMore = next.count > before.count || uint256.compare(next.amount, before.amount) > 0;
		if (next.state === "authorized") this.#confirm(next, before.state === "intended" || isMore ? next.revision : 0);
		return next;
	}

	/**
	 * True if money has since left for a later purchase. A record that is overtaken and says "intended" may be an older copy of
	 * itself that flash has given back, so nobody can say that nothing has left for it.
	 */
	isOvertaken({ sequence }: PurchaseRecord): boolean {
		return (this.#head?.sequence ?? 0) > sequence;
	}

	/** Makes it durable beside the record that money may have left for it. Throws `LedgerError` `LedgerWriteFailed`. */
	confirm(record: PurchaseRecord): void {
		this.#confirm(record, record.revision);
	}

	#confirm({ sequence }: PurchaseRecord, revision: number): void {
		const head = { sequence, revision };
		if (this.#isHeadMirrored && covers(this.#head, head)) return;
		const newest = covers(this.#head, head) ? this.#head! : head;
		this.#isHeadMirrored = false;
		this.#flash.writeHead(newest);
		this.#isHeadMirrored = true;
		this.#head = newest;
	}

	#write(slot: number, record: PurchaseRecord): void {
		this.#flash.writeRecord(slot, encodeRecord(record, ENTRY_LIMIT));
		this.#sums.slots[slot] = summaryOf(record, this.#sums.slots);
	}

	/** The head comes first: without one, an end would look like all that a decayed page has left. */
	#writeLateEnds(): void {
		for (const [sequence, end] of this.#lateEnds) {
			if (end.state !== "expired" && end.kind !== "free") this.#confirm(end, 0);
			this.#write(this.#slotOf(sequence), end);
			this.#lateEnds.delete(sequence);
		}
	}

	#slotOf(sequence: number): number {
		return this.#sums.slots.findIndex((entry) => entry?.sequence === sequence);
	}

	#nextSequence(): number {
		return (
			this.#sums.slots.reduce((last, entry) => Math.max(last, entry?.sequence ?? 0), this.#sums.totals.foldedThrough) +
			1
		);
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
		return this.#sums.slots.findIndex(
			(entry) => entry === undefined || entry.sequence <= this.#sums.totals.foldedThrough,
		);
	}

	/** Ends the open purchases of which nothing can come any more, so that their records can be folded. */
	#closeRunOut(now: number): void {
		for (const { state, validBefore, sequence } of this.#sums.live()) {
			if (isFinal(state) || now <= validBefore + CLOCK_MARGIN) continue;
			const record = this.#flash.readRecord(this.#slotOf(sequence));
			const end = state === "intended" ? "expired" : "unknown";
			this.change({ ...record, state: end, outcome: "run_out", intent: undefined, progress: new Uint8Array(0) });
		}
	}

	/** Counts the oldest purchases, as far as they have ended, into the sums: half the ring at most, in one write. */
	#fold(now: number): void {
		const ended: Summary[] = [];
		for (const entry of this.#sums.live().slice(0, SLOTS / 2)) {
			if (!isFinal(entry.state)) break;
			ended.push(entry);
		}
		if (ended.length === 0) return;
		const next = this.#sums.totals.clone();
		for (const entry of ended) this.#sums.fold(next, entry, now);
		this.#writeTotals(next);
	}

	#writeTotals(totals: Totals): void {
		totals.generation++;
		const bytes = this.#sums.encode(totals);
		this.#isMirrored = false;
		this.#flash.writeTotals(bytes);
		this.#isMirrored = true;
		this.#sums.totals = totals;
	}
}
