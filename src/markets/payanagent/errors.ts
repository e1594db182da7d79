import { MarketError } from "../kit/errors.js";

/** Why PayanAgent, or this client before it asks, refuses. */
export type PayanAgentErrorName =
	// By the status of an answer
	| "BadRequest"
	| "EcosystemOffer"
	| "KeyRefused"
	| "NotAllowed"
	| "NotFound"
	| "NotRelayed"
	| "NotRoutable"
	| "PaymentRefused"
	| "RateLimited"
	| "ServerFailed"
	| "Settling"
	| "Unavailable"
	| "UpstreamFailed"
	// Before anything is asked
	| "IdMalformed"
	| "InputInvalid"
	| "KeyUnset"
	// By the answer
	| "AnswerMalformed"
	| "FileUnavailable";

export class PayanAgentError extends MarketError<PayanAgentErrorName> {}

/** Throws nothing of the answer: only what was expected in it. */
export function malformed(expected: string): PayanAgentError {
	return new PayanAgentError("AnswerMalformed", `expected ${expected} in PayanAgent's answer, got none`);
}
