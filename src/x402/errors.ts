import { NamedError } from "../../modules/encoding/named_error.js";

/** Why a seller's terms could not be used. Nothing has been signed when one of these is thrown. */
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
