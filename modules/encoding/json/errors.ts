import { NamedError } from "../named_error.js";

/** Why a JSON document that arrives in pieces could not be read. A text that is read whole is refused by `EncodingError`. */
export class ItemsError extends NamedError<
	"ItemTooLarge" | "JsonCut" | "JsonMalformed" | "JsonTooDeep" | "JsonTooManyValues" | "ListMissing" | "MembersTooLarge"
> {}

export function malformed(): ItemsError {
	return new ItemsError("JsonMalformed", "not JSON (RFC 8259)");
}
