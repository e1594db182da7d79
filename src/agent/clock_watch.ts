/**
 * Notices a wall clock that is wrong, by the `Date` of servers' answers. A difference of more than a minute is an event. Of
 * more than a day, from a server that TLS has authenticated, it stops purchases from that server: a clock that one spoofed
 * answer has set to another year would block plans and windows until then. The clock is never set by a server, which may be
 * wrong, or lie; one that lies stops its own sales alone.
 */

import type { Clock } from "../device/clock.js";
import { parseDate } from "../http/date.js";

/** What is no more than slow servers and whole seconds. */
const TOLERANCE_MS = 60_000;
/** A clock that is so far off is not spent by. */
const DOUBT_MS = 86_400_000;
/** The time between two events, whatever servers say. */
const SILENCE_MS = 3_600_000;

export class ClockWatch {
	readonly #clock: Clock;
	readonly #log: (event: object) => void;
	#toldAt: number | undefined;
	/** The last that a server said over TLS, if it was more than a day off. */
	#doubt: { readonly origin: string; readonly theirs: number; readonly seenAt: number } | undefined;

	constructor(clock: Clock, log: (event: object) => void) {
		this.#clock = clock;
		this.#log = log;
	}

	/** @param date a `Date` as the server at `origin` wrote it */
	look(date: string, origin: string): void {
		const wall = this.#clock.wall();
		const theirs = parseDate(date);
		if (wall === undefined || theirs === undefined) return;
		const now = this.#clock.monotonic();
		const isDoubt = origin.startsWith("https:") && Math.abs(wall - theirs) > DOUBT_MS;
		if (isDoubt) this.#doubt = { origin, theirs, seenAt: now };
		else if (this.#doubt?.origin === origin) this.#doubt = undefined;
		if (Math.abs(wall - theirs) <= TOLERANCE_MS) return;
		if (this.#toldAt !== undefined && now - this.#toldAt < SILENCE_MS) return;
		this.#toldAt = now;
		this.#log({ event: "clock", secondsAhead: Math.round((wall - theirs) / 1_000), of: origin });
	}

	/** The present time by what `origin` said over TLS, if the clock is more than a day off it: milliseconds since the epoch. */
	timeInDoubt(origin: string): number | undefined {
		const wall = this.#clock.wall();
		const doubt = this.#doubt;
		if (doubt === undefined || doubt.origin !== origin || wall === undefined) return undefined;
		// The clock may have been put right since.
		const theirs = doubt.theirs + this.#clock.monotonic() - doubt.seenAt;
		return Math.abs(wall - theirs) > DOUBT_MS ? theirs : undefined;
	}
}
