/**
 * The device's health: decides when to restart on its own, and when a new image has proven itself.
 *
 * @module
 */

/** The number of restarts in a row that the firmware asked for, in memory that survives them (native/reset_reason.h). */
export interface RestartCount {
	get(): number;
	set(count: number): void;
}

export interface HealthDeps {
	readonly monotonic: () => number;
	/** Memory of the C heap, which sockets, Wi-Fi and TLS use. The JavaScript machine has its own. */
	readonly memory: { free(): number; largest(): number };
	readonly restarts: RestartCount;
	readonly restart: (reason: string) => void;
	readonly keepImage: () => void;
	readonly isConnected: () => boolean;
	readonly log: (event: object) => void;
}

/** Limits below which, for `LOW_FOR_MS` without a break, a TLS connection can no longer be expected to work. */
const FREE_BYTES = 16_384;
const LARGEST_BYTES = 4_096;
const LOW_FOR_MS = 60_000;
/** The most restarts in a row, and the run time that ends the row. */
const RESTARTS = 3;
const HEALTHY_MS = 3_600_000;
/** An image that has run this long is kept, whatever its agent does: its owner can reach it. */
const TRIAL_MS = 600_000;

export class Health {
	readonly #means: HealthDeps;
	#firstFed: number | undefined;
	#lowSince: number | undefined;
	#isStarted = false;
	#isKept = false;

	constructor(means: HealthDeps) {
		this.#means = means;
	}

	/** Called when the agent has its configuration and its wallet. */
	started(): void {
		this.#isStarted = true;
	}

	/** Called with each feed of the watchdog. */
	fed(): void {
		const now = this.#means.monotonic();
		this.#firstFed ??= now;
		if (now >= HEALTHY_MS && this.#means.restarts.get() !== 0) this.#means.restarts.set(0);
		this.#tryImage(now - this.#firstFed);
		this.#watchMemory(now);
	}

	/** Restarts the device, unless that has been tried too often lately: then it returns. */
	restart(reason: string): void {
		const count = this.#means.restarts.get();
		if (count >= RESTARTS) {
			this.#means.log({
				event: "error",
				name: "RestartedTooOften",
				message: `not restarted, since the last ${count} restarts did not help: ${reason}`,
			});
			return;
		}
		this.#means.restarts.set(count + 1);
		this.#means.restart(reason);
	}

	/** Accepts a new image once its agent has started and it has a network, or after some time. */
	#tryImage(age: number): void {
		const isProven = (this.#isStarted && this.#means.isConnected()) || age >= TRIAL_MS;
		if (this.#isKept || !isProven) return;
		this.#isKept = true;
		this.#means.keepImage();
	}

	#watchMemory(now: number): void {
		const { memory } = this.#means;
		const free = memory.free();
		const largest = memory.largest();
		if (free >= FREE_BYTES && largest >= LARGEST_BYTES) {
			this.#lowSince = undefined;
			return;
		}
		this.#lowSince ??= now;
		if (now - this.#lowSince < LOW_FOR_MS) return;
		this.#lowSince = now;
		this.restart(`low memory: ${free} bytes free, ${largest} in one piece`);
	}
}
