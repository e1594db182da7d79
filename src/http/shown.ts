/**
 * Prepares texts for events and messages. User information, query and fragment of an address may hold a secret, whoever wrote
 * the address: the owner into a plan, a seller into `Location`, a market into an error.
 */

/** The text without user information, query and fragment of the addresses in it, well-formed or not. */
export function withoutSecrets(text: string): string {
	return text
		.replace(
			/\/\/([^/\s"'<>?#]*?)([:.,;)]*)(?=[/\s"'<>?#]|$)/g,
			(_, authority: string, punctuation: string) => `//${shownAuthority(authority)}${punctuation}`,
		)
		.replace(/\?[^\s"'<>]+|\b#[^\s"'<>]+/g, "…");
}

/** Host and port; an ellipsis for what is neither: a password without its "@" stands where a port does. */
function shownAuthority(authority: string): string {
	const host = authority.slice(authority.lastIndexOf("@") + 1);
	return /^(\[[0-9a-f:.]*\]|[^:[\]]*)(:[0-9]{0,5})?$/i.test(host) ? host : "…";
}

/** `text` without anything that is in `secrets`. */
export function redacted(text: string, secrets: readonly string[]): string {
	for (const secret of secrets) {
		if (secret !== "") text = text.split(secret).join("…");
	}
	return text;
}
