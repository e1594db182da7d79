import { MarketError } from "../kit/errors.js";

/** Refusals by AgentPMT, and by this client before it asks. */
export type AgentPmtErrorName =
	// Before anything is asked
	| "IdInvalid"
	| "OfferInvalid"
	| "ParametersInvalid"
	// By the answer
	| "AccountUnauthorized"
	| "ActionAmbiguous"
	| "AnswerMalformed"
	| "Conflict"
	| "CreditPackInvalid"
	| "CreditsInsufficient"
	| "DueTimeMismatch"
	| "Forbidden"
	| "NotFound"
	| "PackPrice"
	| "PaymentInProgress"
	| "PaymentRequired"
	| "RateLimited"
	| "RequestInvalid"
	| "RequestReplayed"
	| "ServerFailed"
	| "SessionExpired"
	| "SessionInvalid"
	| "SignatureMalformed"
	| "SignatureMismatch"
	| "SignatureRequired"
	| "TransactionUnconfirmed"
	| "UnexpectedAnswer"
	| "ValidationFailed"
	| "WorkflowTokenInvalid";

/** Details that a caller can act on. */
interface Remedy {
	readonly suggestedCredits?: number | undefined;
	readonly afterMs?: number | undefined;
}

export class AgentPmtError extends MarketError<AgentPmtErrorName> {
	/** The pack that the market suggests instead: the next larger one. */
	readonly suggestedCredits: number | undefined;

	constructor(name: AgentPmtErrorName, message: string, { suggestedCredits, afterMs }: Remedy = {}) {
		super(name, message, afterMs);
		this.suggestedCredits = suggestedCredits;
	}

	/** True if the market no longer accepts the session. */
	get isSessionOver(): boolean {
		return this.name === "SessionInvalid" || this.name === "SessionExpired";
	}
}
