/**
 * The ledger: the durable journal of purchases. All spending is counted from it.
 *
 * It relies on one property of flash: each write is atomic on its own. Records lie in a ring of slots, and each change of a
 * purchase is one write of its record. When the ring is full, the oldest ended records are folded into the sums: one write
 * adds them and stores the sequence number up to which they are counted. A record at or below that number is free, so a power
 * cut between the two writes still counts every record exactly once. ledger_flash.ts detects entries that flash loses later.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { damaged, LedgerError } from "./errors.js";
import { covers, describeDamage, ENTRY_LIMIT, type Head, LedgerFlash, SLOTS } from "./ledger_flash.js";
import { type AssetSums, CLOCK_MARGIN, LedgerSums } from "./ledger_sums.js";
import type { Spending } from "./policy.js";
import { encodeRecord, type Intent, isFinal, type PurchaseRecord, type Summary, summaryOf } from "./record.js";
import type { Rule } from "./rule.js";
import type { Totals } from "./totals.js";

/** Fields that the ledger itself sets on a new purchase. */
type OwnFields = "sequence" | "revision" | "ruleIdentity" | "count" | "cost";

export class Ledger {
	readonly #flash: LedgerFlash;
	readonly #sums: LedgerSums;
	/** True if flash has both copies of the sums. */
	#isMirrored: boolean;
	/** The head that both copies in flash hold, if `#isHeadMirrored`. */
	#head: Head | undefined;
	#isHeadMirrored: boolean;
	/** Ends that flash failed to take at first, by sequence number. */
	readonly #lateEnds = new Map<number, PurchaseRecord>();

	/** The keys of all entries. */
	static keys(): Generator<string> {
		return LedgerFlash.keys();
	}

	/**
	 * Reads all entries. `makeRoom` deletes something in flash that is worth less than a purchase's record, and returns true if
	 * there was anything. Throws `LedgerError` `LedgerDamaged`, `LedgerTooNew`; nothing may then be signed.
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
		this.#forgetEcho();
	}

	/** The purchases that a power cut or a restart left open, oldest first. */
	openPurchases(): PurchaseRecord[] {
		return this.#sums
			.live()
			.filter(({ state }) => !isFinal(state))
			.map(({ sequence }) => this.#flash.readRecord(this.#slotOf(sequence)));
	}

	/** The purchases that still have a record of their own, oldest first. */
	purchases(): readonly Summary[] {
		return this.#sums.live();
	}

	/** Returns the time of the newest purchase, in seconds; `undefined` while there is none. */
	newestTime(): number | undefined {
		return this.#sums.newest()?.time;
	}

	/** The full record of one of `purchases`. */
	purchase(sequence: number): PurchaseRecord | undefined {
		const isLive = this.#sums.live().some((entry) => entry.sequence === sequence);
		return isLive ? this.#flash.readRecord(this.#slotOf(sequence)) : undefined;
	}

	/**
	 * The last period in which `plan` bought, or in which one of its signatures left; `undefined` if there is none. A purchase
	 * that expired before anything was signed does not count.
	 */
	lastPeriod(plan: string): number | undefined {
		return this.#sums.lastPeriod(plan);
	}

	/**
	 * The amount that `rule` has spent or reserved, at `now` (seconds). Rules that the configuration no longer has count too,
	 * if they paid the same seller in the same asset: renaming a rule forgets nothing, and a rule that replaces another allows
	 * no more than its own caps. `except` leaves out one purchase: the one about to change.
	 */
	spending(rule: Rule, now: number, except?: number): Spending {
		return this.#sums.spending(rule, now, except);
	}

	/** The spent and the reserved amounts by asset. Folded purchases count as spent, even refused ones. */
	spent(): AssetSums[] {
		return this.#sums.spent();
	}

	/**
	 * Records a new purchase, and reserves its budget, before anything is signed. The record is durable when this returns, and
	 * before it what its payment echoes, if that is too long for a record.
	 * Throws `LedgerError` `PeriodSpent`, `LedgerFull`, `RecordTooLarge`, `LedgerWriteFailed`.
	 */
	begin(record: Omit<PurchaseRecord, OwnFields>, now: number, longEcho?: Iterable<Uint8Array>): PurchaseRecord {
		this.#writeLateEnds();
		if (!this.#isMirrored) this.#writeTotals(this.#sums.totals);
		const last = this.lastPeriod(record.plan);
		if (last !== undefined && last >= record.period) {
			throw new LedgerError(
				"PeriodSpent",
				`plan "${record.plan}" already bought in period ${last} and cannot buy in period ${record.period}: wait for a later period`,
			);
		}
		const slot = this.#freeSlot(now);
		const sequence = this.#nextSequence();
		const whole = {
			...record,
			intent: this.#withEcho(record.intent, sequence, longEcho),
			sequence,
			revision: 1,
			ruleIdentity: this.#sums.identityOf(record.rule),
			count: record.kind === "free" ? 0 : 1,
			cost: record.amount,
		};
		this.#write(slot, whole);
		return whole;
	}

	/**
	 * Makes a change of a purchase durable. From "authorized" on, money may leave when this returns. An end that flash fails to
	 * take is written again before the next purchase. Throws `LedgerError` `RecordTooLarge`, `LedgerWriteFailed`.
	 */
	change(record: PurchaseRecord, longEcho?: Iterable<Uint8Array>): PurchaseRecord {
		const intent = this.#withEcho(record.intent, record.sequence, longEcho);
		const next = { ...record, intent, revision: record.revision + 1 };
		if (isFinal(next.state)) {
			this.#lateEnds.set(next.sequence, next);
			this.#writeLateEnds();
			this.#forgetEcho();
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
	 * True if money has left for a later purchase. An overtaken record that says "intended" may be an older copy that flash has
	 * returned, so money may have left for it as well.
	 */
	isOvertaken({ sequence }: PurchaseRecord): boolean {
		return (this.#head?.sequence ?? 0) > sequence;
	}

	/** Notes durably, apart from the record, that money may have left for it. Throws `LedgerError` `LedgerWriteFailed`. */
	confirm(record: PurchaseRecord): void {
		this.#confirm(record, record.revision);
	}

	/** Returns the bytes that follow the payload in a payment with a long echo. Throws `LedgerError` `EchoLost`. */
	longEcho({ sequence, intent }: PurchaseRecord): Iterable<Uint8Array> {
		return this.#flash.echo.read(sequence, intent?.echoBytes ?? 0);
	}

	/** Checks that the payment of `record` can be made again. Throws `LedgerError` `EchoLost`. */
	checkEcho(record: PurchaseRecord): void {
		for (const _ of this.longEcho(record));
	}

	#withEcho(intent: Intent | undefined, sequence: number, longEcho?: Iterable<Uint8Array>): Intent | undefined {
		if (intent === undefined || longEcho === undefined) return intent;
		const { echo } = this.#flash;
		const { owner } = echo;
		if (owner !== sequence && this.#isOpen(owner)) {
			throw new LedgerError(
				"LedgerFull",
				`purchase ${owner} is open and takes the room for long terms: retry when it has ended`,
			);
		}
		return { ...intent, echoBytes: echo.write(sequence, longEcho) };
	}

	#isOpen(wanted: number | undefined): boolean {
		return this.#sums.live().some(({ sequence, state }) => sequence === wanted && !isFinal(state));
	}

	/** Best effort: remains are overwritten by the next long echo. */
	#forgetEcho(): void {
		try {
			const { echo } = this.#flash;
			if (echo.owner !== undefined && !this.#isOpen(echo.owner)) echo.forget();
		} catch {}
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

	/** The head comes first: without it, an end would look like the only entry that a decayed page has left. */
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
				`the oldest of ${SLOTS} purchases is still open: retry a quarter of an hour after its validBefore, when it is closed`,
			);
		}
		return slot;
	}

	#findFree(): number {
		return this.#sums.slots.findIndex(
			(entry) => entry === undefined || entry.sequence <= this.#sums.totals.foldedThrough,
		);
	}

	/** Ends open purchases whose signatures can no longer be used, so that their records can be folded. */
	#closeRunOut(now: number): void {
		for (const { state, validBefore, sequence } of this.#sums.live()) {
			if (isFinal(state) || now <= validBefore + CLOCK_MARGIN) continue;
			const record = this.#flash.readRecord(this.#slotOf(sequence));
			const end = state === "intended" ? "expired" : "unknown";
			this.change({ ...record, state: end, outcome: "run_out", intent: undefined, progress: new Uint8Array(0) });
		}
	}

	/** Folds the oldest ended purchases into the sums: at most half the ring, in one write. */
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
