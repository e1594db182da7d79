/** Polls with growing intervals for something that is still to happen. */
import type { Clock } from "../../device/clock.js";
import type { Timer } from "../../device/timer.js";
import { pause } from "./pause.js";

export interface PollTimes {
	/** The wait after the first poll; each further wait is twice as long, up to `longestMs`. */
	readonly firstMs: number;
	readonly longestMs: number;
	/** Upper bounds on the number of polls, and on the milliseconds that waits and polls take; 10 minutes by default. */
	readonly looks?: number;
	readonly forMs?: number;
}

/** No plan waits longer for a market: others are due. */
const LONGEST_MS = 600_000;

/** Returns the first result of `look` that is not `undefined`; `undefined` if a bound is reached first. */
export async function poll<T>(
	{ timer, clock }: { readonly timer: Timer; readonly clock: Clock },
	{ firstMs, longestMs, looks = Number.POSITIVE_INFINITY, forMs = LONGEST_MS }: PollTimes,
	look: () => Promise<T | undefined>,
): Promise<T | undefined> {
	const start = clock.monotonic();
	let waited = 0;
	let wait = firstMs;
	for (let count = 1; count <= looks; count++) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (count === looks || Math.max(waited, clock.monotonic() - start) >= forMs) return undefined;
		await pause(timer, wait);
		waited += wait;
		wait = Math.min(2 * wait, longestMs);
	}
	return undefined;
}
