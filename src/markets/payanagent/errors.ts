import { NamedError } from "../../../modules/encoding/named_error.js";

/** Why PayanAgent, or this client before it asks, refuses. */
export type PayanAgentErrorName =
	// By the status of an answer
	| "BadRequest"
	| "EcosystemOffer"
	| "KeyRefused"
	| "NotAllowed"
	| "NotFound"
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
	// What was answered
	| "AnswerMalformed"
	| "FileUnavailable";

export class PayanAgentError extends NamedError<PayanAgentErrorName> {
	/** Milliseconds after which the same request may be made again; `undefined` where that would not help. */
	readonly afterMs: number | undefined;

	constructor(name: PayanAgentErrorName, message: string, afterMs?: number) {
		super(name, message);
		this.afterMs = afterMs;
	}
}
