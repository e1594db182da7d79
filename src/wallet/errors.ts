import { NamedError } from "../../modules/encoding/named_error.js";

/** Why the owner's rules do not allow a payment. Nothing has been signed. */
export class PolicyError extends NamedError<
	| "DomainMismatch"
	| "MethodNotAllowed"
	| "NoRule"
	| "OverLifeCap"
	| "OverPaymentCap"
	| "OverPlanCap"
	| "OverWindowCap"
	| "OverWindowCount"
	| "PayToNotPinned"
	| "ResourceNotAllowed"
	| "TermsChanged"
	| "WallTimeUnset"
> {}

/** Why the ledger could not take a purchase down. Without it nothing is signed. */
export class LedgerError extends NamedError<
	"LedgerDamaged" | "LedgerFull" | "LedgerWriteFailed" | "PeriodSpent" | "RecordTooLarge"
> {}
