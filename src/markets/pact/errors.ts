import { MarketError } from "../kit/errors.js";

/** Refusals of the market, by its own names where it has some. No message quotes the market's free text. */
export type PactErrorName =
	// The call
	| "AgentUnfunded"
	| "AuthMissing"
	| "AuthReplay"
	| "AuthStale"
	| "BadSignature"
	| "BalanceCheckFailed"
	| "EndpointAmbiguous"
	| "EndpointNotFound"
	| "EndpointPaused"
	| "NotImplemented"
	| "NotInBeta"
	| "RateLimited"
	| "UpstreamTimeout"
	| "UpstreamUnreachable"
	// What is asked
	| "CallIdMalformed"
	| "RequestMalformed"
	| "SlotUnset"
	| "WallTimeUnset"
	// A lookup
	| "AnswerMalformed"
	| "LookupFailed"
	| "NetworkUnknown";

export class PactError extends MarketError<PactErrorName> {}
