import { NamedError } from "../encoding/named_error.js";

/** Why the signer refused. None of them ever carries key material. */
export class SignerError extends NamedError<
	| "DigestLength"
	| "KeyMissing"
	| "KeyOfAnotherCurve"
	| "KeyOutOfRange"
	| "NotConfirmed"
	| "SigningFault"
	| "SlotOutOfRange"
	| "SlotTaken"
	| "StorageFailed"
> {}
