import { NamedError } from "../../modules/encoding/named_error.js";

/** A setting in its short form cannot be expanded; the message begins with the path of the field. */
export class ShortFormError extends NamedError<
	| "AmountAmbiguous"
	| "AmountMalformed"
	| "AssetUnknown"
	| "FieldMissing"
	| "FieldUnknown"
	| "TimeMalformed"
	| "UnitUnknown"
> {}
