/**
 * The device's health: decides when to restart by itself and when a new image has proven itself.
 * @module
 */

/** The count of restarts that the firmware asked for in a row, in memory that outlives them (native/restarts.h). */
export interface RestartCount {
	get(): number;
	set(count: number): void;
}

export interface HealthMeans {
	readonly monotonic: () => number;
	/** Memory of the C heap, where sockets, Wi-Fi and TLS live. The JavaScript machine has its own. */
	readonly memory: { free(): number; largest(): number };
	readonly restarts: RestartCount;
	readonly restart: (reason: string) => void;
	readonly keepImage: () => void;
	readonly isConnected: () => boolean;
	readonly log: (event: object) => void;
}

/** Below these for `LOW_FOR_MS` on end, a TLS connection can no longer be counted on. */
const FREE_BYTES = 16_384;
const LARGEST_BYTES = 4_096;
const LOW_FOR_MS = 60_000;
/** Restarts in a row, and the run that ends the row. */
const RESTARTS = 3;
const HEALTHY_MS = 3_600_000;
/** An image that has lived this long is kept, whatever its agent does: its owner can speak to it. */
const TRIAL_MS = 600_000;

export class Health {
	readonly #means: HealthMeans;
	#firstFed: number | undefined;
	#lowSince: number | undefined;
	#isStarted = false;
	#isKept = false;

	constructor(means: HealthMeans) {
		this.#means = means;
	}

	/** The agent has its configuration and its wallet. */
	started(): void {
		this.#isStarted = true;
	}

	/** With each feed of the watchdog. */
	fed(): void {
		const now = this.#means.monotonic();
		this.#firstFed ??= now;
		if (now >= HEALTHY_MS && this.#means.restarts.get() !== 0) this.#means.restarts.set(0);
		this.#tryImage(now - this.#firstFed);
		this.#watchMemory(now);
	}

	/** Starts the device anew, unless that was the answer too often of late: then it returns. */
	restart(reason: string): void {
		const count = this.#means.restarts.get();
		if (count >= RESTARTS) {
			this.#means.log({
				event: "error",
				name: "RestartedTooOften",
				message: `no restart, the last ${count} did not help: ${reason}`,
			});
			return;
		}
		this.#means.restarts.set(count + 1);
		this.#means.restart(reason);
	}

	/** A new image has proven itself with an agent that has started and a network, or with time. */
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
