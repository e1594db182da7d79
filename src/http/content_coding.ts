/** Content codings, RFC 9110 §8.4. The client asks for none, and some servers compress all the same. */
import type { HeaderList } from "./header_list.js";

/** The content codings of a body, such as "gzip"; "" if it has none. */
export function contentCodingOf(headers: Pick<HeaderList, "get">): string {
	const value = headers.get("content-encoding")?.toLowerCase() ?? "";
	return value === "identity" ? "" : value.slice(0, 40);
}
