/** Looks again and again for what is still to happen, less often each time. */
import type { Timer } from "../../device/timer.js";
import { pause } from "./pause.js";

export interface PollTimes {
	/** Between the first two looks; each further wait is twice the one before, up to `longestMs`. */
	readonly firstMs: number;
	readonly longestMs: number;
	/** The bound: this many looks, or looks until so many milliseconds were waited. */
	readonly looks?: number;
	readonly forMs?: number;
}

/** What the first look that sees something returns; `undefined` when the bound is reached first. */
export async function poll<T>(
	timer: Timer,
	{ firstMs, longestMs, looks = Number.POSITIVE_INFINITY, forMs = Number.POSITIVE_INFINITY }: PollTimes,
	look: () => Promise<T | undefined>,
): Promise<T | undefined> {
	let waited = 0;
	let wait = firstMs;
	for (let count = 1; count <= looks; count++) {
		const seen = await look();
		if (seen !== undefined) return seen;
		if (waited >= forMs || count === looks) return undefined;
		await pause(timer, wait);
		waited += wait;
		wait = Math.min(2 * wait, longestMs);
	}
	return undefined;
}
