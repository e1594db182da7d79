/**
 * The kit from which the markets' clients are built. A market keeps its own wire format, names and state machine of money;
 * the kit has what all of them share:
 *
 * - `ask.ts` makes a request and repeats it if the request's `Repeat` allows. **A request that costs money is "never"
 *   repeated because a market says so**: it is made again only if no byte of it has left.
 * - `request.ts` builds JSON requests, path segments and queries.
 * - `refusals.ts` turns an error response into a `MarketError`, by the market's table of refusals.
 * - `amount.ts` reads amounts, which are bounded before anything is written or summed by them.
 * - `fields.ts` reads members of answers, whose types a server may get wrong.
 * - `pages.ts` walks lists element by element and page by page, to a bound.
 * - `poll.ts` polls until there is a result, to a bound.
 * - `progress.ts` resumes a charge to an account after a restart, from the CBOR array that the market saved.
 * - `origin.ts` reads a market's host from the configuration; `pause.ts` waits.
 *
 * A market's error class extends `MarketError`; its client makes a request with
 *
 *     ask(timer, "always", async (waitMs) => {
 *       const response = await http.request(jsonRequest("GET", url));
 *       if (isSuccess(response)) return response;
 *       throw await this.refusal(response, waitMs); // sets `afterMs` if the answer says when to ask again
 *     });
 */
import type { Timer } from "../../device/timer.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import { MarketError } from "./errors.js";
import { pause } from "./pause.js";

/**
 * The conditions for repeating a request:
 *
 * | | no byte has left | the market says when to retry | the answer was lost |
 * |---|---|---|---|
 * | `always`: it changes nothing, or nothing the second time | yes | yes | yes |
 * | `when refused`: it changes something, and costs nothing | yes | only on 429 | no |
 * | `never`: it costs money | yes | no | no |
 */
export type Repeat = "always" | "when refused" | "never";

/** The number of attempts in all, and the wait before the second; each further wait is twice as long. */
export interface Attempts {
	readonly limit: number;
	readonly firstWaitMs: number;
	/** Called before each wait. */
	readonly onWait?: (milliseconds: number, error: Error) => void;
}

const ATTEMPTS: Attempts = Object.freeze({ limit: 4, firstWaitMs: 500 });

/**
 * Runs `attempt`, which makes one request, until it succeeds or must not be repeated; then throws its error. `attempt` gets
 * the wait that follows it unless the answer names another.
 */
export async function ask<T>(
	timer: Timer,
	repeat: Repeat,
	attempt: (waitMs: number) => Promise<T>,
	{ limit, firstWaitMs, onWait }: Attempts = ATTEMPTS,
): Promise<T> {
	for (let attempts = 1; ; attempts++) {
		const waitMs = firstWaitMs * 2 ** (attempts - 1);
		let afterMs: number | undefined;
		try {
			return await attempt(waitMs);
		} catch (error) {
			afterMs = attempts < limit ? repeatAfter(error, repeat, waitMs) : undefined;
			if (afterMs === undefined) throw error;
			if (afterMs > 0) onWait?.(afterMs, error as Error);
		}
		if (afterMs > 0) await pause(timer, afterMs);
	}
}

function repeatAfter(error: unknown, repeat: Repeat, waitMs: number): number | undefined {
	if (error instanceof HttpError) return !error.sent || repeat === "always" ? waitMs : undefined;
	if (!(error instanceof MarketError)) return undefined;
	const isAllowed = repeat === "always" || (repeat === "when refused" && error.name === "RateLimited");
	return isAllowed ? error.afterMs : undefined;
}

export function isSuccess({ status }: Pick<HttpResponse, "status">): boolean {
	return status >= 200 && status <= 299;
}
