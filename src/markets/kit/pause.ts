/** Waits of the markets' clients, on the port's timer and never without an end. */

import type { Timer } from "../../device/timer.js";
import type { HttpResponse } from "../../http/response.js";

/** The longest that a market's `Retry-After` is waited for. */
const LONGEST_MS = 60_000;

export function pause(timer: Timer, milliseconds: number): Promise<void> {
	return new Promise((resolve) => timer.set(resolve, milliseconds));
}

/**
 * Milliseconds to wait before a request is made again, by the `Retry-After` of its answer (RFC 9110 §10.2.3, in seconds):
 * `otherwise` where there is none, or one with a date; `undefined` when it is more than a minute, which is not waited for.
 */
export function retryAfter({ headers }: Pick<HttpResponse, "headers">, otherwise: number): number | undefined {
	const value = headers.get("retry-after") ?? "";
	const milliseconds = /^[0-9]{1,9}$/.test(value) ? Number(value) * 1_000 : otherwise;
	return milliseconds <= LONGEST_MS ? milliseconds : undefined;
}
