/** Rate limits over sliding windows; a test may change each of them, `Infinity` turns it off. */
import type { Clock } from "../clock.js";
import { Refusal } from "./refusal.js";

const windows = { public: 60, paid: 60, registrations: 3_600 } as const;

export class Limits {
	/** Requests of public endpoints, the unpaid buy among them, a minute and IP address. */
	public = 30;
	/** Paid requests, a minute and wallet. */
	paid = 60;
	/** Registrations, an hour and IP address. */
	registrations = 5;
	/** A 429 mostly has `Retry-After`; not always. */
	retryAfter = true;
	readonly #clock: Clock;
	readonly #times = new Map<string, number[]>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/**
	 * Source: derNif/payanagent 31ce5fa, lib/rate-limit.ts, lib/api-http.ts `tooManyRequests`; its buy route names no
	 * time.
	 *
	 * @throws {Refusal} 429, with `Retry-After` in seconds if `namesTime`; it does not count
	 */
	take(kind: keyof typeof windows, who: string, namesTime = true): void {
		const now = this.#clock.now();
		const key = `${kind} ${who}`;
		const times = (this.#times.get(key) ?? []).filter((time) => time > now - windows[kind] * 1000);
		this.#times.set(key, times);
		if (times.length < this[kind]) {
			times.push(now);
			return;
		}
		const wait = Math.ceil((times[0]! + windows[kind] * 1000 - now) / 1000);
		const words = namesTime ? "Too many requests. Please try again later." : "Too many requests";
		throw new Refusal(429, words, {}, this.retryAfter && namesTime ? { "Retry-After": String(wait) } : {});
	}
}
