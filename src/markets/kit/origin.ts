import type { Field } from "../../configuration/field.js";
import { parseUrl } from "../../http/url.js";

/** A market's host: scheme, host and port, the market's own where the owner names none. Throws `ConfigurationError`. */
export function originIn(field: Field, own: string): string {
	if (field.isMissing) return own;
	try {
		const url = parseUrl(field.text(256));
		if (url.target === "/") return url.origin;
	} catch {
		// Said below.
	}
	throw field.wrong("an origin without a path, such as https://api.example.com");
}
