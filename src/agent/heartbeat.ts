/**
 * Feeds the watchdog during a purchase, which may take longer than the watchdog's timeout, and reports long waits. It feeds
 * while bytes move or still may: an exchange has an end, and is waited for until then; no wait between two exchanges takes longer
 * than `SILENCE_MS`. Code in an endless loop lets no timer fire, and code that waits forever moves no bytes. In both cases
 * feeding stops, and the watchdog restarts the device.
 */

import type { Timer, TimerHandle } from "../device/timer.js";
import type { Watchdog } from "../device/watchdog.js";
import type { HttpClient } from "../http/client.js";

/** Below the timeout of a task watchdog, which is half a minute or more on the boards. */
const BEAT_MS = 10_000;
/** `exchangeTimeout` of `src/http/limits.ts` plus the longest pause of a market, each with one beat of margin. */
const SILENCE_MS = 200_000;
/** Seconds after which a long exchange is reported, and then again after each such interval. */
const FIRST_NEWS_MS = 30_000;
const NEWS_MS = 60_000;

/** A long exchange; seconds from its beginning. */
export interface LongWait {
	readonly seconds: number;
	readonly atMostSeconds: number;
}

export class Heartbeat {
	readonly #timer: Timer;
	readonly #watchdog: Watchdog;
	readonly #http: Pick<HttpClient, "counters" | "patience">;
	readonly #onLongWait: (wait: LongWait) => void;
	readonly #beat = () => this.#onBeat();
	#handle: TimerHandle | undefined;
	#seen = -1;
	#silentMs = 0;
	/** The number of the request in progress, and its duration so far. */
	#request = 0;
	#requestMs = 0;

	constructor(
		timer: Timer,
		watchdog: Watchdog,
		http: Pick<HttpClient, "counters" | "patience">,
		onLongWait: (wait: LongWait) => void = () => {},
	) {
		this.#timer = timer;
		this.#watchdog = watchdog;
		this.#http = http;
		this.#onLongWait = onLongWait;
	}

	start(): void {
		this.#handle = this.#timer.set(this.#beat, BEAT_MS);
	}

	stop(): void {
		if (this.#handle !== undefined) this.#timer.clear(this.#handle);
		this.#handle = undefined;
	}

	#onBeat(): void {
		const { counters, patience } = this.#http;
		const { connections, requests, bytesSent, bytesReceived } = counters;
		const seen = connections + requests + bytesSent + bytesReceived;
		this.#silentMs = seen === this.#seen ? this.#silentMs + BEAT_MS : 0;
		this.#seen = seen;
		if (this.#silentMs <= Math.max(SILENCE_MS, patience + BEAT_MS)) this.#watchdog.feed();
		this.#requestMs = patience > 0 && requests === this.#request ? this.#requestMs + BEAT_MS : 0;
		this.#request = requests;
		if (this.#requestMs >= FIRST_NEWS_MS && (this.#requestMs - FIRST_NEWS_MS) % NEWS_MS === 0) {
			this.#onLongWait({ seconds: this.#requestMs / 1_000, atMostSeconds: Math.ceil(patience / 1_000) });
		}
		this.start();
	}
}
