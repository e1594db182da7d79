import { MarketError } from "../kit/errors.js";

/** Refusals by PayanAgent, and by this client before it asks. */
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

/** Creates the error for a malformed answer. It names what was expected and quotes nothing. */
export function malformed(expected: string): PayanAgentError {
	return new PayanAgentError("AnswerMalformed", `expected ${expected} in PayanAgent's answer, got none`);
}
