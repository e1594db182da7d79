import { NamedError } from "../encoding/named_error.js";

/** The signer refused. The error never carries key material. */
export class SignerError extends NamedError<
	| "DigestLength"
	| "KeyMissing"
	| "KeyOfAnotherCurve"
	| "KeyOutOfRange"
	| "KeysUnreadable"
	| "NotConfirmed"
	| "SigningFault"
	| "SlotOutOfRange"
	| "SlotTaken"
	| "StorageFailed"
> {}

/** A text is no Ethereum address, or a key has none. */
export class AddressError extends NamedError<"AddressChecksum" | "AddressFormat" | "PublicKeyFormat"> {}

/** Typed data (EIP-712) cannot be hashed: its types are invalid, or its values do not match them. */
export class TypedDataError extends NamedError<
	| "AddressInvalid"
	| "ArrayLength"
	| "BytesFormat"
	| "BytesLength"
	| "DomainField"
	| "DuplicateMember"
	| "ExtraMember"
	| "IntegerFormat"
	| "IntegerRange"
	| "MissingMember"
	| "TextFormat"
	| "TooDeep"
	| "TypeName"
	| "UnknownType"
	| "ValueType"
> {}
