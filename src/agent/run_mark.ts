/**
 * A mark in flash that says whose turn it is. If it is still there at the next start, the machine ended during that turn: by
 * a crash, for lack of memory, or by a power cut. If that happens twice in a row in a plan's turns, the plan waits until the
 * others have had theirs, and from the third time on it waits longer each time. So a seller that can crash the machine blocks
 * only its own plan.
 *
 * The entry is `a.turn`: a CBOR array of [format, plan or "", [plan, times, …], checksum]. It does not affect spending, so a
 * lost or damaged entry counts as none.
 */
import * as cbor from "../../modules/encoding/cbor.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Clock } from "../device/clock.js";
import type { Storage } from "../device/storage.js";
import { appendChecksum, verifyChecksum } from "../wallet/checksum.js";

export const TURN_KEY = "a.turn";

const FORMAT = 1;
/** Crashes in a row before a plan waits: the first may have been a power cut. */
const TIMES = 2;
const FIRST_WAIT_S = 30;
const LONGEST_WAIT_S = 86_400;

export class RunMark {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	readonly #clock: Clock;
	/** Monotonic milliseconds. */
	readonly #startedAt: number;
	/** By plan: the number of times in a row that the machine ended during its turn. */
	readonly #ended = new Map<string, number>();
	/** The plan in whose turn the last run ended, if it ended in one. */
	readonly endedBy: string | undefined;

	/** Reads the mark and counts what it says, durably if flash accepts it. */
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
			// Flash that accepts no mark must not stop the agent: the next start counts it again.
		}
	}

	/** Returns the seconds that the plan must wait, counted from the start of this run; `undefined` if it need not. */
	suspension(plan: string): number | undefined {
		const times = this.#ended.get(plan) ?? 0;
		if (times < TIMES) return undefined;
		const wait = times === TIMES ? 0 : Math.min(FIRST_WAIT_S * 2 ** (times - TIMES - 1), LONGEST_WAIT_S);
		return wait - Math.floor((this.#clock.monotonic() - this.#startedAt) / 1_000);
	}

	/** Marks the plan's turn, durably. Throws what storage throws. */
	begin(plan: string): void {
		this.#store(plan);
	}

	/** Clears the mark: the turn has ended and the machine is still running. */
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

	/** Reads the plan whose turn it was, or "". */
	#load(): string {
		try {
			const bytes = this.#storage.read(TURN_KEY);
			if (bytes === undefined) return "";
			const [format, plan, ended] = cbor.decode(verifyChecksum(this.#hashes, bytes)) as [number, unknown, unknown[]];
			if (format !== FORMAT || typeof plan !== "string") return "";
			for (let i = 0; i + 1 < ended.length; i += 2) {
				const [name, times] = [ended[i], ended[i + 1]];
				if (typeof name === "string" && typeof times === "number") this.#ended.set(name, times);
			}
			return plan;
		} catch {
			return "";
		}
	}
}
