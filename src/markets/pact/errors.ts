import { NamedError } from "../../../modules/encoding/named_error.js";

/** Why the market refused, by its own names where it has some. None of them says anything that the market wrote freely. */
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
	| "LookupFailed";

export class PactError extends NamedError<PactErrorName> {}
