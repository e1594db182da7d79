/** Redirects, RFC 9110 §15.4, for a client that carries payments. */
import { HttpError } from "./errors.js";
import type { Head } from "./head.js";
import type { Header, HttpRequest } from "./request.js";
import { parseUrl, type Url } from "./url.js";

export interface Hop {
	readonly request: HttpRequest;
	readonly url: Url;
}

/**
 * Returns the request that follows `from` if `head` redirects it and it allows redirects; `undefined` if the response is the
 * final one. 303 becomes a GET; so does a POST on 301 or 302, as in every browser.
 *
 * Throws `HttpError` `RedirectMalformed`, `RedirectLimit`, `RedirectDowngrade`, `RedirectWithCredentials`,
 * `RedirectWithBody`, `RedirectForbidden`.
 */
export function redirectOf(from: Hop, head: Head, followed: number): Hop | undefined {
	const rules = from.request.redirects;
	const location = rules === undefined ? undefined : locationOf(head);
	if (rules === undefined || location === undefined) {
		return undefined;
	}
	if (followed >= rules.limit) {
		throw new HttpError("RedirectLimit", `expected at most ${rules.limit} redirects, got one more`);
	}
	const url = resolve(location, from.url);
	if (from.url.scheme === "https" && url.scheme === "http") {
		throw new HttpError("RedirectDowngrade", `a redirect leaves TLS, from ${from.url.origin} to ${url.origin}`);
	}
	const { method } = from.request;
	const becomesGet =
		(head.status === 303 && method !== "HEAD") || ((head.status === 301 || head.status === 302) && method === "POST");
	const request = becomesGet ? asGet(from.request) : from.request;
	if (url.origin !== from.url.origin) {
		checkOtherOrigin(request, from.url, url);
	}
	return { request, url };
}

function locationOf(head: Head): string | undefined {
	if (![301, 302, 303, 307, 308].includes(head.status)) {
		return undefined;
	}
	const locations = head.headers.getAll("location");
	if (locations.length > 1) {
		throw new HttpError("RedirectMalformed", `expected one Location, got ${locations.length}`);
	}
	return locations[0];
}

function resolve(location: string, base: Url): Url {
	try {
		return parseUrl(location, base);
	} catch (error) {
		const why = error instanceof HttpError ? `${error.name}: ${error.message}` : error;
		throw new HttpError("RedirectMalformed", `the redirect's Location is invalid: ${why}`);
	}
}

function checkOtherOrigin(request: HttpRequest, from: Url, to: Url): void {
	const where = `a redirect from ${from.origin} to another origin, ${to.origin}`;
	if ((request.credentials ?? []).length > 0) {
		throw new HttpError("RedirectWithCredentials", `${where}, would forward credentials`);
	}
	if (request.body !== undefined) {
		throw new HttpError("RedirectWithBody", `${where}, would forward the request's body`);
	}
	if (!request.redirects?.allowed(to)) {
		throw new HttpError("RedirectForbidden", `${where}, is not allowed by this request`);
	}
}

/** Turns a request into a GET (RFC 9110 §15.4): without the body and the headers that describe it. */
function asGet(request: HttpRequest): HttpRequest {
	const { body: _body, headers = [], ...rest } = request;
	const kept = headers.filter(([name]: Header) => !name.toLowerCase().startsWith("content-"));
	return { ...rest, method: "GET", headers: kept };
}
