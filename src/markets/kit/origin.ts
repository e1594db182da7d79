import type { Field } from "../../configuration/field.js";
import { parseUrl } from "../../http/url.js";

/**
 * Reads a market's host (scheme, host and port) from the configuration; `own` if the owner names none. Throws
 * `ConfigurationError`.
 */
export function originIn(field: Field, own: string): string {
	if (field.isMissing) return own;
	try {
		const url = parseUrl(field.text(256));
		if (url.target === "/") return url.origin;
	} catch {
		// Reported below.
	}
	throw field.wrong("an origin without a path, such as https://api.example.com");
}
