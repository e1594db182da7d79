/**
 * Feeds the watchdog while a purchase takes longer than the watchdog has patience: a seller may take two minutes for an
 * answer, and be asked four times. As long as bytes go or come, or could: no exchange and no wait between two of them is
 * longer than `SILENCE_MS`. Code that spins lets no timer fire, and code that waits for what never comes falls silent; then
 * nothing is fed, and the watchdog does what it is for.
 */

import type { Timer, TimerHandle } from "../device/timer.js";
import type { Watchdog } from "../device/watchdog.js";
import type { HttpCounters } from "../http/connection.js";

/** Below the patience of a task watchdog, which is half a minute or more on the boards. */
const BEAT_MS = 10_000;
/** `exchangeTimeout` of `src/http/limits.ts`, the longest pause of a market, and a beat to each. */
const SILENCE_MS = 200_000;

export class Heartbeat {
	readonly #timer: Timer;
	readonly #watchdog: Watchdog;
	readonly #counters: HttpCounters;
	readonly #beat = () => this.#onBeat();
	#handle: TimerHandle | undefined;
	#seen = -1;
	#silentMs = 0;

	constructor(timer: Timer, watchdog: Watchdog, counters: HttpCounters) {
		this.#timer = timer;
		this.#watchdog = watchdog;
		this.#counters = counters;
	}

	start(): void {
		this.#handle = this.#timer.set(this.#beat, BEAT_MS);
	}

	stop(): void {
		if (this.#handle !== undefined) this.#timer.clear(this.#handle);
		this.#handle = undefined;
	}

	#onBeat(): void {
		const { connections, requests, bytesSent, bytesReceived } = this.#counters;
		const seen = connections + requests + bytesSent + bytesReceived;
		this.#silentMs = seen === this.#seen ? this.#silentMs + BEAT_MS : 0;
		this.#seen = seen;
		if (this.#silentMs <= SILENCE_MS) this.#watchdog.feed();
		this.start();
	}
}
