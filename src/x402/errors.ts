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
	/** CAIP-2 of an element of `accepts` on a network that a scheme supports; otherwise "". */
	network = "";
	/** The seller's text instead of terms, safe for an event; otherwise "". */
	words = "";
}
