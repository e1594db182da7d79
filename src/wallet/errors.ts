import { NamedError } from "../../modules/encoding/named_error.js";

/** Why the owner's rules do not allow a payment. Nothing has been signed. */
export class PolicyError extends NamedError<
	| "ClockDoubtful"
	| "DomainMismatch"
	| "MethodNotAllowed"
	| "NoRule"
	| "OverLifeCap"
	| "OverPaymentCap"
	| "OverPlanCap"
	| "OverWindowCap"
	| "OverWindowCount"
	| "PathAmbiguous"
	| "Paused"
	| "PayToNotPinned"
	| "ResourceNotAllowed"
	| "TermsChanged"
	| "WallTimeUnset"
> {}

/** Why the ledger could not record a purchase. Without it nothing is signed. */
export class LedgerError extends NamedError<
	| "LedgerDamaged"
	| "LedgerFull"
	| "LedgerTooNew"
	| "LedgerWriteFailed"
	| "PeriodSpent"
	| "RecordTooLarge"
	| "SpentTooLow"
> {}

/** A ledger that cannot be read whole is not spent from. */
export function damaged(found: string): LedgerError {
	return new LedgerError(
		"LedgerDamaged",
		`flash has changed the ledger (${found}): nothing is signed until the owner sets what was spent at most`,
	);
}
