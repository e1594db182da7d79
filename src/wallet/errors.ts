import { NamedError } from "../../modules/encoding/named_error.js";

/** The owner's rules do not allow a payment. Nothing has been signed. */
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
	| "WalletEmpty"
> {
	/** True if the same payment may be allowed later without a change by the owner. */
	isPassing = false;
}

/** The ledger cannot record a purchase. Nothing is signed without a record. */
export class LedgerError extends NamedError<
	| "EchoLost"
	| "LedgerDamaged"
	| "LedgerFull"
	| "LedgerTooNew"
	| "LedgerWriteFailed"
	| "PeriodSpent"
	| "RecordTooLarge"
	| "SpentTooLow"
> {}

/** Creates the error for a ledger that cannot be read completely: such a ledger is not spent from. */
export function damaged(found: string): LedgerError {
	return new LedgerError(
		"LedgerDamaged",
		`the ledger in flash is damaged (${found}): set the most that each rule may have spent, nothing is signed before`,
	);
}
