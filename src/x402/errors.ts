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
	| "TermsEncoded"
	| "TermsEncoding"
	| "TermsJson"
	| "TermsMissing"
	| "TermsShape"
	| "TermsTooLarge"
	| "TimeoutOutOfRange"
	| "VersionUnknown"
> {
	/** CAIP-2, of an element of `accepts` that is for a network that a scheme knows; else "". */
	network = "";
	/** What the seller says instead of terms, as an event may show it; else "". */
	words = "";
}
