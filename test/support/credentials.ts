/** A request's credentials, as a server reads them. */
import type { Credential, LongValue } from "../../src/http/request.js";

/** A header's value as it is sent. */
export function whole(value: string | LongValue): string {
	return typeof value === "string" ? value : [...value.parts()].join("");
}

/** The value of the first of `credentials` that has one of these names, in whatever case. */
export function credentialOf(credentials: readonly Credential[], ...names: readonly string[]): string | undefined {
	const found = credentials.find(([name]) => names.includes(name.toLowerCase()));
	return found && whole(found[1]);
}
