/**
 * The ledger: the durable journal of purchases, from which what was spent is counted.
 *
 * It assumes of flash only that each write is atomic on its own. Records lie in a ring of slots, `r0` to `r15`; each change
 * of a purchase is one write of its record. When the ring is full the oldest ended records are folded into the sums
 * under `totals`: one write that adds them and says through which sequence number it has counted. A record at or below
 * that number is free, so a power cut between the two writes counts nothing twice and nothing never.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { appendChecksum, verifyChecksum } from "./checksum.js";
import { LedgerError } from "./errors.js";
import type { Spending } from "./policy.js";
import { decodeRecord, encodeRecord, isFinal, type PurchaseRecord, type Summary } from "./record.js";
import type { Rule } from "./rule.js";
import { Totals } from "./totals.js";

/** AssetSums and still reserved of one asset, base units. */
export interface AssetSums {
	readonly network: string;
	readonly asset: string;
	spent: Uint8Array;
	reserved: Uint8Array;
}

const SLOTS = 16;
/** One entry of NVS. */
const ENTRY_LIMIT = 4_000;
const TOTALS = "totals";
/** Seconds: how far ahead of the chain's clock a device's may be. */
const CLOCK_MARGIN = 900;

export class Ledger {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	readonly #rules: readonly Rule[];
	readonly #plans: readonly string[];
	#totals: Totals;
	/** By slot. A summary at or below `foldedThrough` marks a free slot, as `undefined` does. */
	readonly #slots: (Summary | undefined)[] = [];

	/** The keys under which it keeps what it keeps. */
	static *keys(): Generator<string> {
		for (let slot = 0; slot < SLOTS; slot++) yield keyOf(slot);
		yield TOTALS;
	}

	/** Reads all that flash holds. Throws `LedgerError` `LedgerDamaged`: then nothing may be signed. */
	constructor(storage: Storage, hashes: Hashes, rules: readonly Rule[], plans: readonly string[]) {
		this.#storage = storage;
		this.#hashes = hashes;
		this.#rules = rules;
		this.#plans = plans;
		const totals = this.#load(TOTALS);
		this.#totals = totals === undefined ? new Totals() : Totals.decode(totals);
		for (let slot = 0; slot < SLOTS; slot++) {
			const bytes = this.#load(keyOf(slot));
			this.#slots.push(bytes === undefined ? undefined : summaryOf(decodeRecord(bytes)));
		}
	}

	/** The purchases that a power cut or a restart has left open, oldest first. */
	openPurchases(): PurchaseRecord[] {
		return this.#live()
			.filter(({ state }) => !isFinal(state))
			.map(({ sequence }) => decodeRecord(this.#load(keyOf(this.#slotOf(sequence)))!));
	}

	/** The purchases that are kept one by one, oldest first. */
	purchases(): readonly Summary[] {
		return this.#live();
	}

	/** One of `purchases`, whole. */
	purchase(sequence: number): PurchaseRecord | undefined {
		const isLive = this.#live().some((entry) => entry.sequence === sequence);
		return isLive ? decodeRecord(this.#load(keyOf(this.#slotOf(sequence)))!) : undefined;
	}

	/**
	 * The last period in which `plan` bought or a signature of it left, or `undefined`. A purchase that expired before
	 * anything was signed does not count.
	 */
	lastPeriod(plan: string): number | undefined {
		let last = this.#totals.plans.find((total) => total.plan === plan)?.period;
		for (const entry of this.#live()) {
			if (entry.plan === plan && entry.state !== "expired") last = Math.max(last ?? 0, entry.period);
		}
		return last;
	}

	/** What `rule` has let go, at `now` (seconds). `except` leaves one purchase out: the one that is to be changed. */
	spending(rule: Rule, now: number, except?: number): Spending {
		const start = now - rule.windowSeconds;
		let window: Uint8Array = new Uint8Array(32);
		let life: Uint8Array = new Uint8Array(32);
		let windowCount = 0;
		for (const total of this.#totals.rules) {
			if (total.rule !== rule.name) continue;
			life = uint256.add(life, total.life);
			for (const bucket of total.buckets) {
				if (bucket.until <= start) continue;
				window = uint256.add(window, bucket.amount);
				windowCount += bucket.count;
			}
		}
		for (const entry of this.#live()) {
			if (entry.rule !== rule.name || entry.sequence === except || entry.state === "expired") continue;
			life = uint256.add(life, entry.amount);
			if (entry.time <= start) continue;
			window = uint256.add(window, inWindow(entry, now));
			windowCount++;
		}
		return { window, windowCount, life };
	}

	/** What was spent and what is reserved, by asset. What was folded is spent: so is what a seller said it refused. */
	spent(): AssetSums[] {
		const sums: AssetSums[] = [];
		for (const { network, asset, life } of this.#totals.rules) {
			const sum = sumOf(sums, network, asset);
			sum.spent = uint256.add(sum.spent, life);
		}
		for (const entry of this.#live()) {
			if (entry.asset === "") continue;
			const sum = sumOf(sums, entry.network, entry.asset);
			const isSpent = entry.state === "delivered" || entry.state === "unknown";
			if (isSpent) sum.spent = uint256.add(sum.spent, entry.amount);
			else if (entry.state !== "expired") sum.reserved = uint256.add(sum.reserved, entry.amount);
		}
		return sums;
	}

	/**
	 * Takes a new purchase down, and its budget with it, before anything is signed. The record is durable when this
	 * returns. Throws `LedgerError` `PeriodSpent`, `LedgerFull`, `RecordTooLarge`, `LedgerWriteFailed`.
	 */
	begin(record: Omit<PurchaseRecord, "sequence">, now: number): PurchaseRecord {
		const last = this.lastPeriod(record.plan);
		if (last !== undefined && last >= record.period) {
			throw new LedgerError(
				"PeriodSpent",
				`plan "${record.plan}" has bought in period ${last}, a purchase in period ${record.period} is not made`,
			);
		}
		const slot = this.#freeSlot(now);
		const whole = { ...record, sequence: this.#nextSequence() };
		this.#write(slot, whole);
		return whole;
	}

	/** Makes a change of a purchase durable. Throws `LedgerError` `RecordTooLarge`, `LedgerWriteFailed`. */
	change(record: PurchaseRecord): PurchaseRecord {
		this.#write(this.#slotOf(record.sequence), record);
		return record;
	}

	#write(slot: number, record: PurchaseRecord): void {
		this.#store(keyOf(slot), encodeRecord(record, ENTRY_LIMIT));
		this.#slots[slot] = summaryOf(record);
	}

	#load(key: string): Uint8Array | undefined {
		const bytes = this.#storage.read(key);
		return bytes === undefined ? undefined : verifyChecksum(this.#hashes, bytes);
	}

	#store(key: string, bytes: Uint8Array): void {
		try {
			this.#storage.write(key, appendChecksum(this.#hashes, bytes));
		} catch (error) {
			throw new LedgerError("LedgerWriteFailed", `flash did not take ${key}: ${(error as Error).message}`);
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
			this.#fold(now);
			slot = this.#findFree();
		}
		if (slot < 0) {
			throw new LedgerError(
				"LedgerFull",
				`the oldest of ${SLOTS} purchases is still open; it ends when its validBefore has passed`,
			);
		}
		return slot;
	}

	#findFree(): number {
		return this.#slots.findIndex((entry) => entry === undefined || entry.sequence <= this.#totals.foldedThrough);
	}

	/** Counts the oldest purchases, as far as they have ended, into the sums: half the ring at most, in one write. */
	#fold(now: number): void {
		const settled: Summary[] = [];
		for (const entry of this.#live().slice(0, SLOTS / 2)) {
			if (!isFinal(entry.state)) break;
			settled.push(entry);
		}
		if (settled.length === 0) return;
		const next = Totals.decode(this.#totals.encode(ENTRY_LIMIT)!);
		for (const entry of settled) {
			const window = this.#rules.find(({ name }) => name === entry.rule)?.windowSeconds ?? 0;
			next.fold(entry, inWindow(entry, now), window);
		}
		const rules = this.#rules.map(({ name }) => name);
		let bytes = next.encode(ENTRY_LIMIT);
		while (bytes === undefined && next.shrink(rules, this.#plans)) bytes = next.encode(ENTRY_LIMIT);
		if (bytes === undefined) {
			throw new LedgerError("LedgerFull", `the sums take more than the ${ENTRY_LIMIT} bytes that fit into flash`);
		}
		this.#store(TOTALS, bytes);
		this.#totals = next;
	}
}

/**
 * What a purchase counts in its rule's window. A refusal is the seller's word: the window gets the amount back once the
 * signature has run out, by a clock that may be some minutes ahead of the chain's, and the sum for life never does. So
 * whatever sellers say, no more than `maxForLife` ever leaves by a rule.
 */
function inWindow(entry: Summary, now: number): Uint8Array {
	const isBack = entry.state === "refused" && now > entry.validBefore + CLOCK_MARGIN;
	return isBack ? new Uint8Array(32) : entry.amount;
}

function sumOf(sums: AssetSums[], network: string, asset: string): AssetSums {
	let sum = sums.find((each) => each.network === network && each.asset === asset);
	if (sum === undefined) {
		sum = { network, asset, spent: new Uint8Array(32), reserved: new Uint8Array(32) };
		sums.push(sum);
	}
	return sum;
}

function summaryOf(record: PurchaseRecord): Summary {
	const { sequence, plan, period, state, rule, network, asset, amount, time, validBefore } = record;
	return { sequence, plan, period, state, rule, network, asset, amount, time, validBefore };
}

function keyOf(slot: number): string {
	return `r${slot}`;
}
