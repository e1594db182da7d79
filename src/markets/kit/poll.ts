/** Looks again and again for what is still to happen, less often each time. */
import type { Clock } from "../../device/clock.js";
import type { Timer } from "../../device/timer.js";
import { pause } from "./pause.js";

export interface PollTimes {
	/** Between the first two looks; each further wait is twice the one before, up to `longestMs`. */
	readonly firstMs: number;
	readonly longestMs: number;
	/** Upper bounds: on the looks, and on the milliseconds that waits and looks take; 10 minutes if not given. */
	readonly looks?: number;
	readonly forMs?: number;
}

/** No plan waits for a market longer than this: others are due. */
const LONGEST_MS = 600_000;

/** Returns what the first look that sees something returns; `undefined` if a bound is reached first. */
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
