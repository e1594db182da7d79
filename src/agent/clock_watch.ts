/**
 * Notices a wall clock that goes wrong, by the time that servers put into their answers. It tells and does no more: a server
 * may be wrong, or lie, and what is signed is valid by this clock alone.
 */

import type { Clock } from "../device/clock.js";
import { parseDate } from "../http/date.js";

/** What is no more than slow servers and whole seconds. */
const TOLERANCE_MS = 60_000;
/** The time between two events, whatever servers say. */
const SILENCE_MS = 3_600_000;

export class ClockWatch {
	readonly #clock: Clock;
	readonly #log: (event: object) => void;
	#toldAt: number | undefined;

	constructor(clock: Clock, log: (event: object) => void) {
		this.#clock = clock;
		this.#log = log;
	}

	/** @param date a `Date` as the server at `origin` wrote it */
	look(date: string, origin: string): void {
		const wall = this.#clock.wall();
		const theirs = parseDate(date);
		if (wall === undefined || theirs === undefined || Math.abs(wall - theirs) <= TOLERANCE_MS) return;
		const now = this.#clock.monotonic();
		if (this.#toldAt !== undefined && now - this.#toldAt < SILENCE_MS) return;
		this.#toldAt = now;
		this.#log({ event: "clock", secondsAhead: Math.round((wall - theirs) / 1_000), of: origin });
	}
}
