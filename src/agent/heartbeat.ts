/**
 * Feeds the watchdog during a purchase, which may take longer than the watchdog's timeout: a seller may take two minutes to
 * answer, and be asked four times. It feeds while bytes move or still may: no exchange and no wait between two takes longer
 * than `SILENCE_MS`. Code in an endless loop lets no timer fire, and code that waits forever moves no bytes. In both cases
 * feeding stops, and the watchdog restarts the device.
 */

import type { Timer, TimerHandle } from "../device/timer.js";
import type { Watchdog } from "../device/watchdog.js";
import type { HttpCounters } from "../http/connection.js";

/** Below the timeout of a task watchdog, which is half a minute or more on the boards. */
const BEAT_MS = 10_000;
/** `exchangeTimeout` of `src/http/limits.ts` plus the longest pause of a market, each with one beat of margin. */
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
