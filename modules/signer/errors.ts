import { NamedError } from "../encoding/named_error.js";

/** Why the signer refused. None of them ever carries key material. */
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

/** Why something is no Ethereum address, or has none. */
export class AddressError extends NamedError<"AddressChecksum" | "AddressFormat" | "PublicKeyFormat"> {}

/** Why typed data (EIP-712) cannot be hashed: what its types lack, or where its values are not what the types say. */
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
