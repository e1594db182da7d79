/** `Retry-After` (RFC 9110 §10.2.3): seconds, or a date, which is compared with the same server's `Date`. */
import { parseDate } from "./date.js";
import type { HttpResponse } from "./response.js";

/** Returns the seconds after which the server wants to be asked again; 0 if it does not say. */
export function retryAfterSeconds({ headers }: Pick<HttpResponse, "headers">): number {
	const value = headers.get("retry-after") ?? "";
	if (/^[0-9]{1,9}$/.test(value)) return Number(value);
	const at = parseDate(value);
	const now = parseDate(headers.get("date") ?? "");
	return at === undefined || now === undefined ? 0 : Math.max((at - now) / 1_000, 0);
}
