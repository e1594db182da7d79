/**
 * Makes texts safe for events and messages. User information, query and fragment of an address may hold a secret, whoever
 * wrote it: the owner in a plan, a seller in `Location`, a market in an error.
 */

/** Removes user information, query and fragment from all addresses in the text, well-formed or not. */
export function withoutSecrets(text: string): string {
	return text
		.replace(
			/\/\/([^/\s"'<>?#]*?)([:.,;)]*)(?=[/\s"'<>?#]|$)/g,
			(_, authority: string, punctuation: string) => `//${shownAuthority(authority)}${punctuation}`,
		)
		.replace(/\?[^\s"'<>]+|\b#[^\s"'<>]+/g, "…");
}

/** Returns host and port; an ellipsis for anything else, such as a password without its "@" in the place of a port. */
function shownAuthority(authority: string): string {
	const host = authority.slice(authority.lastIndexOf("@") + 1);
	return /^(\[[0-9a-f:.]*\]|[^:[\]]*)(:[0-9]{0,5})?$/i.test(host) ? host : "…";
}

/** The number of a secret's first characters at the end of a text that reveal a cut within the secret. */
const CUT_LENGTH = 4;

/** Replaces each occurrence of `secrets` in `text`, and the beginning of one that a cut has left at its end. */
export function redacted(text: string, secrets: readonly string[]): string {
	for (const secret of secrets) {
		if (secret !== "") text = text.split(secret).join("…");
		for (let length = secret.length - 1; length >= CUT_LENGTH; length--) {
			if (text.endsWith(secret.slice(0, length))) text = `${text.slice(0, -length)}…`;
		}
	}
	return text;
}
