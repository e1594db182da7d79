import { NamedError } from "../named_error.js";

/** A JSON document that arrives in pieces could not be read. `EncodingError` reports a text that is read whole. */
export class ItemsError extends NamedError<
	"ItemTooLarge" | "JsonCut" | "JsonMalformed" | "JsonTooDeep" | "JsonTooManyValues" | "ListMissing" | "MembersTooLarge"
> {}

export function malformed(): ItemsError {
	return new ItemsError("JsonMalformed", "not JSON (RFC 8259)");
}
