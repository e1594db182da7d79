/**
 * A mark in flash says whose turn it is. If it is still there at the next start, the machine ended during that turn: by a
 * crash, for want of memory, or by a power cut. A plan to which that happens twice in a row waits until the others had
 * their turn, and from the third time on longer each time: a seller that can end the machine stops its own plan alone.
 *
 * One entry, `a.turn`: a CBOR array of [format, plan or "", [plan, times, …], checksum]. Nothing is spent by it, so an entry
 * that is lost or damaged counts as none.
 */
import * as cbor from "../../modules/encoding/cbor.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Clock } from "../device/clock.js";
import type { Storage } from "../device/storage.js";
import { appendChecksum, verifyChecksum } from "../wallet/checksum.js";

export const TURN_KEY = "a.turn";

const FORMAT = 1;
/** A first time may have been a power cut. */
const TIMES = 2;
const FIRST_WAIT_S = 30;
const LONGEST_WAIT_S = 86_400;

export class RunMark {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	readonly #clock: Clock;
	/** Monotonic milliseconds. */
	readonly #startedAt: number;
	/** By plan: how often in a row the machine ended during its turn. */
	readonly #ended = new Map<string, number>();
	/** The plan during whose turn the last run ended, if it was one. */
	readonly endedBy: string | undefined;

	/** Reads the mark, and counts what it says, durably where flash takes it. */
	constructor(storage: Storage, hashes: Hashes, clock: Clock) {
		this.#storage = storage;
		this.#hashes = hashes;
		this.#clock = clock;
		this.#startedAt = clock.monotonic();
		const plan = this.#load();
		if (plan === "") return;
		this.endedBy = plan;
		this.#ended.set(plan, (this.#ended.get(plan) ?? 0) + 1);
		try {
			this.#store("");
		} catch {
			// Flash that takes no mark stops no agent: the next start counts it once more.
		}
	}

	/** Seconds that the plan still has to wait, from the start of this run on; `undefined` for one that does not. */
	suspension(plan: string): number | undefined {
		const times = this.#ended.get(plan) ?? 0;
		if (times < TIMES) return undefined;
		const wait = times === TIMES ? 0 : Math.min(FIRST_WAIT_S * 2 ** (times - TIMES - 1), LONGEST_WAIT_S);
		return wait - Math.floor((this.#clock.monotonic() - this.#startedAt) / 1_000);
	}

	/** Durable when it returns. Throws what storage throws. */
	begin(plan: string): void {
		this.#store(plan);
	}

	/** The turn has ended, and the machine has not. */
	end(plan: string): void {
		this.#ended.delete(plan);
		this.#store("");
	}

	#store(plan: string): void {
		const ended: (string | number)[] = [];
		for (const [name, times] of this.#ended) ended.push(name, times);
		const bytes = cbor.encode([FORMAT, plan, ended, new Uint8Array(4)]);
		this.#storage.write(TURN_KEY, appendChecksum(this.#hashes, bytes));
	}

	/** The plan whose turn it was, or "". */
	#load(): string {
		try {
			const bytes = this.#storage.read(TURN_KEY);
			if (bytes === undefined) return "";
			const [format, plan, ended] = cbor.decode(verifyChecksum(this.#hashes, bytes)) as [number, string, unknown[]];
			if (format !== FORMAT) return "";
			for (let i = 0; i + 1 < ended.length; i += 2) this.#ended.set(ended[i] as string, ended[i + 1] as number);
			return plan;
		} catch {
			return "";
		}
	}
}
