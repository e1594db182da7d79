/**
 * Fetches what was paid for from where the seller says that it is: at the Location of a redirect (RFC 9110 §15.4), or of a job that
 * it has accepted (202, §15.3.3). No payment goes there. A redirect may lead to another origin, but not out of TLS, and takes
 * nothing of the plan along; a job is the seller's own, and gets the plan's headers.
 */
import type { Timer } from "../device/timer.js";
import type { HttpClient } from "../http/client.js";
import { HttpError } from "../http/errors.js";
import type { Waits } from "../http/limits.js";
import type { HttpRequest } from "../http/request.js";
import type { HttpResponse } from "../http/response.js";
import { retryAfterSeconds } from "../http/retry_after.js";
import { withoutSecrets } from "../http/shown.js";
import { parseUrl, type Url } from "../http/url.js";
import { afterColon, sellersWords } from "./sellers_words.js";

/** An answer to a payment that names another place. */
export interface Elsewhere {
	readonly kind: "elsewhere";
	readonly place: Url;
	readonly from: Url;
	readonly isJob: boolean;
	readonly transaction: string;
}

/** What is needed to fetch it. */
export interface ElsewhereDeps {
	readonly http: HttpClient;
	readonly timer: Timer;
	/** `exchangeTimeout` is what is left of the plan's time. */
	readonly waits: () => Pick<Waits, "headerTimeout" | "idleTimeout" | "exchangeTimeout">;
	/** The plan's request, without the payment. */
	readonly request: HttpRequest;
}

/** Redirects in all, the first one included. */
const REDIRECTS = 5;
/** How often a file is asked for. */
const FETCHES = 3;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** `undefined` if the answer names no other place, or one that nothing is fetched from. */
export function elsewhereOf({ status, headers, url }: HttpResponse, transaction = ""): Elsewhere | undefined {
	const isJob = status === 202;
	const location = isJob || [301, 302, 303, 307, 308].includes(status) ? headers.get("location") : undefined;
	if (location === undefined) return undefined;
	try {
		const place = parseUrl(location, url);
		const isAllowed = isJob ? place.origin === url.origin : mayGo(url, place);
		return isAllowed ? { kind: "elsewhere", place, from: url, isJob, transaction } : undefined;
	} catch {
		return undefined;
	}
}

function mayGo(from: Url, to: Url): boolean {
	return to.scheme === "https" || from.scheme === "http";
}

/** Returns the final response, or why there is none: for a person. Throws what `take` throws, but for an `HttpError`. */
export async function fetchElsewhere<Taken>(
	deps: ElsewhereDeps,
	{ place, from, isJob }: Elsewhere,
	take: (response: HttpResponse) => Promise<Taken>,
): Promise<Taken | string> {
	const where = withoutSecrets(place.href);
	let why = "";
	let afterSeconds = 0;
	for (let asks = 0; isJob || asks < FETCHES; asks++) {
		if (asks > 0) await pause(deps.timer, asks, afterSeconds);
		if (deps.waits().exchangeTimeout <= 0) break;
		try {
			const response = await deps.http.request(requestOf(deps, place, from, isJob));
			const { status } = response;
			if (status >= 200 && status <= 299 && !(isJob && status === 202)) return await take(response);
			afterSeconds = retryAfterSeconds(response);
			why = `it answered ${status}${afterColon(await sellersWords(response))}`;
			if (status >= 300 && status !== 408 && status !== 425 && status !== 429 && status < 500) break;
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			why = error.message;
			if (error.name.startsWith("Redirect")) break;
		}
	}
	return `${isJob ? "the job" : "the data"} is at ${where}: ${why}`;
}

function requestOf({ request, waits }: ElsewhereDeps, place: Url, from: Url, isJob: boolean): HttpRequest {
	const { headers = [], credentials = [] } = request;
	return {
		method: "GET",
		url: place.href,
		...(isJob && { headers, credentials }),
		waits: { ...request.waits, ...waits() },
		redirects: { limit: REDIRECTS - 1, allowed: (to) => !isJob && mayGo(from, to) },
	};
}

function pause(timer: Timer, asks: number, afterSeconds: number): Promise<void> {
	const milliseconds = Math.min(FIRST_WAIT_MS * 2 ** Math.min(asks - 1, 5), LONGEST_WAIT_MS);
	return new Promise((resolve) =>
		timer.set(resolve, Math.max(milliseconds, Math.min(afterSeconds * 1_000, LONGEST_WAIT_MS))),
	);
}
