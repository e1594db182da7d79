/** Bounded waits of the markets' clients, on the port's timer. */

import type { Timer } from "../../device/timer.js";
import type { HttpResponse } from "../../http/response.js";

/** The longest `Retry-After` that is honoured. */
const LONGEST_MS = 60_000;

export function pause(timer: Timer, milliseconds: number): Promise<void> {
	return new Promise((resolve) => timer.set(resolve, milliseconds));
}

/**
 * Returns the milliseconds to wait before a request is repeated, by its answer's `Retry-After` (RFC 9110 §10.2.3, in
 * seconds): `otherwise` if there is none, or one with a date; `undefined` if it is more than a minute, which is too long to
 * wait.
 */
export function retryAfter({ headers }: Pick<HttpResponse, "headers">, otherwise: number): number | undefined {
	const value = headers.get("retry-after") ?? "";
	const milliseconds = /^[0-9]{1,9}$/.test(value) ? Number(value) * 1_000 : otherwise;
	return milliseconds <= LONGEST_MS ? milliseconds : undefined;
}
