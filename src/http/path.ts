/**
 * Detects paths that two servers could read in two ways (RFC 3986 §3.3, §6.2.2.2): one decodes `%2f`, drops `;x`, joins `//`
 * or turns `\` into `/` before it removes dot segments, another after. A rule that allows `/a/` must mean the same to both.
 */

/** Describes what makes `path` ambiguous, in a few words; `undefined` if every server reads it in one way. */
export function ambiguityOf(path: string): string | undefined {
	const lower = path.toLowerCase();
	if (lower.includes("//")) return "an empty segment (//)";
	if (lower.includes(";") || lower.includes("%3b")) return "a parameter (;)";
	if (lower.includes("\\") || lower.includes("%5c")) return "a backslash";
	if (lower.includes("%2f")) return "an encoded slash (%2f)";
	if (lower.includes("%2e")) return "an encoded dot (%2e)";
	if (lower.includes("%25")) return "an encoded percent sign (%25)";
	if (lower.includes("%00")) return "an encoded zero byte (%00)";
	return undefined;
}

/** True if some server could find a dot segment (`.` or `..`) in `path` that is not written as one. */
export function hidesDotSegment(path: string): boolean {
	for (const segment of path.toLowerCase().split("/")) {
		if (segment === "." || segment === "..") continue;
		const parts = decodedTwice(segment).replaceAll("\\", "/").replaceAll(";", "/").split("/");
		if (parts.some((part) => part === "." || part === "..")) return true;
	}
	return false;
}

/** Decodes everything that can be part of a dot segment, even if encoded twice. `segment` is in lower case. */
function decodedTwice(segment: string): string {
	let text = segment;
	for (let n = 0; n < 2; n++) {
		text = text.replaceAll("%2e", ".").replaceAll("%2f", "/").replaceAll("%5c", "\\").replaceAll("%3b", ";");
		text = text.replaceAll("%25", "%");
	}
	return text.replaceAll("%2e", ".").replaceAll("%2f", "/").replaceAll("%5c", "\\").replaceAll("%3b", ";");
}
