/**
 * Detects a wrong wall clock by the `Date` of servers' answers. A difference of more than a minute is reported as an event. A
 * difference of more than a day from a server that TLS has authenticated blocks purchases from that server: if one spoofed
 * SNTP answer moved the clock to another year, spending by it would block plans and windows until then. Servers never set the
 * clock, since they may be wrong or lie. A server that lies blocks only its own sales.
 *
 * The time of the newest purchase in the ledger is the last time that is known. A clock that is far from it, behind or ahead, is
 * believed once a second source confirms it: the `Date` of a server over TLS, or the owner (`src/wallet/life_cycle.ts`).
 */

import type { Clock } from "../device/clock.js";
import { parseDate } from "../http/date.js";

/** Differences that slow servers and whole seconds explain. */
const TOLERANCE_MS = 60_000;
/** A clock that differs by more is not trusted for spending. */
const DOUBT_MS = 86_400_000;
/** The least time between two events. */
const SILENCE_MS = 3_600_000;

/** The age up to which a server's `Date` corrects a payment's validity. */
const FRESH_MS = 60_000;

export class ClockWatch {
	readonly #clock: Clock;
	readonly #log: (event: object) => void;
	#toldAt: number | undefined;
	/** The last `Date` received over TLS, if it was more than a day off. */
	#doubt: { readonly origin: string; readonly theirs: number; readonly seenAt: number } | undefined;
	/** The last `Date` received: whose, and how far the clock was behind it, in ms. */
	#last: { readonly origin: string; readonly behind: number; readonly seenAt: number } | undefined;
	/** Wall time minus monotonic time when a second source last confirmed wall time. */
	#confirmed: number | undefined;

	constructor(clock: Clock, log: (event: object) => void) {
		this.#clock = clock;
		this.#log = log;
	}

	/**
	 * Compares the clock with a server's time.
	 *
	 * @param date a `Date` header of the server at `origin`
	 */
	look(date: string, origin: string): void {
		const wall = this.#clock.wall();
		const theirs = parseDate(date);
		if (wall === undefined || theirs === undefined) return;
		const now = this.#clock.monotonic();
		this.#last = { origin, behind: theirs - wall, seenAt: now };
		const isSure = origin.startsWith("https:");
		const isDoubt = isSure && Math.abs(wall - theirs) > DOUBT_MS;
		if (isSure && !isDoubt) this.confirm();
		if (isDoubt) this.#doubt = { origin, theirs, seenAt: now };
		else if (this.#doubt?.origin === origin) this.#doubt = undefined;
		if (Math.abs(wall - theirs) <= TOLERANCE_MS) return;
		this.#tell(theirs - wall, origin);
	}

	/**
	 * Returns the seconds that the clock is behind the server at `origin`, by its answer of a moment ago, if it is more than
	 * `allowed`; else 0. An error that matters is reported at once.
	 */
	secondsBehind(origin: string, allowed: number): number {
		const last = this.#last;
		if (last === undefined || last.origin !== origin || this.#clock.monotonic() - last.seenAt > FRESH_MS) return 0;
		const seconds = Math.floor(last.behind / 1_000);
		if (seconds <= allowed) return 0;
		this.#tell(last.behind, origin);
		return seconds;
	}

	#tell(behind: number, origin: string): void {
		const now = this.#clock.monotonic();
		if (this.#toldAt !== undefined && now - this.#toldAt < SILENCE_MS) return;
		this.#toldAt = now;
		this.#log({ event: "clock", secondsAhead: Math.round(-behind / 1_000), of: origin });
	}

	/** Called when the owner has set the clock, or a server has confirmed it. */
	confirm(): void {
		const wall = this.#clock.wall();
		this.#confirmed = wall === undefined ? undefined : wall - this.#clock.monotonic();
	}

	/** True if a second source has confirmed wall time in this run, and it has not jumped since. */
	get isConfirmed(): boolean {
		const wall = this.#clock.wall();
		if (wall === undefined || this.#confirmed === undefined) return false;
		return Math.abs(wall - this.#clock.monotonic() - this.#confirmed) <= DOUBT_MS;
	}

	/**
	 * Returns the current time according to `origin` (milliseconds since the epoch, over TLS), if the clock is more than a day
	 * off it.
	 */
	timeInDoubt(origin: string): number | undefined {
		const wall = this.#clock.wall();
		const doubt = this.#doubt;
		if (doubt === undefined || doubt.origin !== origin || wall === undefined) return undefined;
		// The clock may have been set since.
		const theirs = doubt.theirs + this.#clock.monotonic() - doubt.seenAt;
		return Math.abs(wall - theirs) > DOUBT_MS ? theirs : undefined;
	}
}
