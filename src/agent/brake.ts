/**
 * Pauses plans whose payments bring no delivery. After several such payments in a row (three, unless the plan sets `brake`)
 * the plan stops paying for a day, or until its owner resumes it; then one more failed payment pauses it again. If the data
 * cannot be kept, because the plan's sink is too small or flash is full, the plan pauses at once, until its sink is changed
 * or its owner resumes it. It also pauses at once if the head of a paid answer is longer than the
 * device reads, until its request or sink is changed: the next one would be too.
 *
 * Only payments that count as spent and were not delivered count here. Each is counted once, by its number in the ledger; one
 * that a power cut kept from being counted is counted at the next start.
 *
 * The entry is `a.brake`: a CBOR array of [format, [plan, misses, number of the last payment counted, seconds since the epoch
 * of the pause or 0, outcome, digest of the settings], …, checksum]. It allows nothing, so a lost or damaged entry counts as
 * none.
 */
import { isSame } from "../../modules/encoding/bytes.js";
import * as cbor from "../../modules/encoding/cbor.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Plan } from "../configuration/plan.js";
import { type Clock, seconds } from "../device/clock.js";
import type { Storage } from "../device/storage.js";
import { appendChecksum, verifyChecksum } from "../wallet/checksum.js";
import type { PurchaseRecord } from "../wallet/record.js";
import { isHeadTooLong } from "../x402/answer.js";

export const BRAKE_KEY = "a.brake";

const FORMAT = 1;
/** Bytes of the digest of a plan's settings. */
const DIGEST = 8;
/** Characters of an outcome that are kept. */
const OUTCOME_LENGTH = 32;

/** The record of a plan's last payments. */
interface Held {
	/** Payments in a row without a delivery. */
	misses: number;
	/** The number in the ledger of the last counted payment. */
	sequence: number;
	/** Seconds since the epoch; 0 while the plan is not paused. */
	since: number;
	/** The outcome of the last payment. */
	outcome: string;
	/** Digest of the settings at that time: changed settings end the pause. */
	settings: Uint8Array;
}

/** A paused plan. */
export interface PausedPlan {
	readonly plan: string;
	/** Payments in a row without a delivery. */
	readonly payments: number;
	/** The outcome of the last of them. */
	readonly outcome: string;
	/** Seconds since the epoch; `undefined` for a pause without an end. */
	readonly until: number | undefined;
}

type Ended = Pick<PurchaseRecord, "plan" | "sequence" | "state" | "rule" | "outcome">;

export class Brake {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	readonly #clock: Clock;
	readonly #plans: readonly Plan[];
	readonly #held = new Map<string, Held>();

	/** Reads the entry from flash, ends the pauses of plans whose settings have changed, and counts `ended`, oldest first. */
	constructor(storage: Storage, hashes: Hashes, clock: Clock, plans: readonly Plan[], ended: Iterable<Ended>) {
		this.#storage = storage;
		this.#hashes = hashes;
		this.#clock = clock;
		this.#plans = plans;
		this.#load();
		for (const [name, held] of this.#held) {
			const plan = this.#plan(name);
			if (plan === undefined || (held.since > 0 && !isSame(held.settings, this.#digest(plan, held.outcome)))) {
				this.#release(held, 0);
			}
		}
		let isChanged = false;
		for (const record of ended) if (this.#count(record)) isChanged = true;
		try {
			if (isChanged) this.#store();
		} catch {
			// The next start counts them again.
		}
	}

	/**
	 * Counts an ended purchase. Returns the pause that it starts, if any. If flash refuses the write, throws what storage
	 * throws: the pause then holds, and is counted again at the next start.
	 */
	count(record: Ended): PausedPlan | undefined {
		const wasPaused = this.seconds(record.plan) > 0;
		if (this.#count(record)) this.#store();
		return wasPaused ? undefined : this.#pauseOf(record.plan);
	}

	/** Returns the remaining seconds of the plan's pause; 0 if it is not paused, and infinity for a pause without an end. */
	seconds(plan: string): number {
		const held = this.#held.get(plan);
		if (held === undefined || held.since === 0) return 0;
		if (isLasting(held.outcome)) return Number.POSITIVE_INFINITY;
		const now = seconds(this.#clock) ?? held.since;
		// The clock was ahead when it paused.
		if (held.since > now) held.since = now;
		return Math.max(held.since + (this.#plan(plan)?.brake.seconds ?? 0) - now, 0);
	}

	/** Returns the paused plans. */
	get paused(): PausedPlan[] {
		return [...this.#held.keys()].map((plan) => this.#pauseOf(plan)).filter((pause) => pause !== undefined);
	}

	/** Ends the plan's pause, durably. Returns true if there was one. */
	resume(plan: string): boolean {
		const held = this.#held.get(plan);
		if (held === undefined || held.since === 0) return false;
		this.#release(held, 0);
		this.#store();
		return true;
	}

	#pauseOf(plan: string): PausedPlan | undefined {
		const rest = this.seconds(plan);
		const held = this.#held.get(plan);
		if (held === undefined || rest === 0) return undefined;
		const until = Number.isFinite(rest) ? (seconds(this.#clock) ?? held.since) + rest : undefined;
		return { plan, payments: held.misses, outcome: held.outcome, until };
	}

	/** Returns true if the entry must be written. */
	#count({ plan: name, sequence, state, rule, outcome }: Ended): boolean {
		const plan = this.#plan(name);
		const held = this.#held.get(name) ?? { misses: 0, sequence: 0, since: 0, outcome: "", settings: new Uint8Array(0) };
		const isMiss = state === "unknown" && rule !== "";
		if (plan === undefined || sequence <= held.sequence || !(isMiss || state === "delivered")) return false;
		// A plan that has never missed takes no room.
		if (!isMiss && held.misses === 0 && held.since === 0) return false;
		// After its pause a plan has one more try.
		if (held.since > 0 && this.seconds(name) === 0) this.#release(held, plan.brake.payments - 1);
		this.#held.set(name, held);
		held.sequence = sequence;
		held.misses = isMiss ? held.misses + 1 : 0;
		held.outcome = isMiss ? outcome.slice(0, OUTCOME_LENGTH) : "";
		if (isMiss && (isLasting(outcome) || held.misses >= plan.brake.payments)) {
			held.since = seconds(this.#clock) ?? 1;
			held.settings = this.#digest(plan, outcome);
		} else if (!isMiss) held.since = 0;
		return true;
	}

	#release(held: Held, misses: number): void {
		held.since = 0;
		held.misses = misses;
	}

	#plan(name: string): Plan | undefined {
		return this.#plans.find((plan) => plan.name === name);
	}

	/** Returns the digest of the settings that may have caused the misses. */
	#digest({ buys, sink }: Plan, outcome: string): Uint8Array {
		const settings = JSON.stringify(isOfSink(outcome) ? sink : [buys, sink]);
		return this.#hashes.sha256(utf8.encode(settings)).slice(0, DIGEST);
	}

	#store(): void {
		const rows: cbor.CborValue[] = [];
		for (const [name, { misses, sequence, since, outcome, settings }] of this.#held) {
			if (this.#plan(name) !== undefined) rows.push([name, misses, sequence, since, outcome, settings]);
		}
		const bytes = cbor.encode([FORMAT, ...rows, new Uint8Array(4)]);
		this.#storage.write(BRAKE_KEY, appendChecksum(this.#hashes, bytes));
	}

	#load(): void {
		try {
			const bytes = this.#storage.read(BRAKE_KEY);
			if (bytes === undefined) return;
			const [format, ...rows] = cbor.decode(verifyChecksum(this.#hashes, bytes)) as cbor.CborValue[];
			if (format !== FORMAT) return;
			for (const row of rows.slice(0, -1)) {
				const [plan, misses, sequence, since, outcome, settings] = row as cbor.CborValue[];
				if (typeof plan !== "string" || typeof outcome !== "string" || !(settings instanceof Uint8Array)) continue;
				if (typeof misses !== "number" || typeof sequence !== "number" || typeof since !== "number") continue;
				this.#held.set(plan, { misses, sequence, since, outcome, settings });
			}
		} catch {
			this.#held.clear();
		}
	}
}

/** True if every further payment would end in the same way. */
function isLasting(outcome: string): boolean {
	return isOfSink(outcome) || isHeadTooLong(outcome);
}

/** True if the data could not be kept. */
function isOfSink(outcome: string): boolean {
	return outcome === "SinkFull" || outcome === "SinkFailed";
}
