import { NamedError } from "../../modules/encoding/named_error.js";

/** A seller's terms cannot be used. Nothing has been signed. */
export class TermsError extends NamedError<
	| "AddressMalformed"
	| "AmountMalformed"
	| "DomainMissing"
	| "FlowUnknown"
	| "MethodUnknown"
	| "NetworkUnknown"
	| "SchemeUnknown"
	| "TermsEncoding"
	| "TermsJson"
	| "TermsMissing"
	| "TermsShape"
	| "TermsTooLarge"
	| "TimeoutOutOfRange"
	| "VersionUnknown"
> {}
