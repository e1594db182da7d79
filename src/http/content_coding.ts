/** Content codings, RFC 9110 §8.4. The client asks for none, but some servers compress anyway. */
import type { HeaderList } from "./header_list.js";

/** Returns the content codings of a body, such as "gzip"; "" if it has none. */
export function contentCodingOf(headers: Pick<HeaderList, "get">): string {
	const value = headers.get("content-encoding")?.toLowerCase() ?? "";
	return value === "identity" ? "" : value.slice(0, 40);
}
