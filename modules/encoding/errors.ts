import { NamedError } from "./named_error.js";

/** Why an encoding refused what it was given. */
export class EncodingError extends NamedError<
	| "Base58Character"
	| "Base64Character"
	| "Base64Length"
	| "CborKeyOrder"
	| "CborKeyType"
	| "CborNotShortest"
	| "CborNumberRange"
	| "CborTrailingBytes"
	| "CborTruncated"
	| "CborUnsupported"
	| "HexCharacter"
	| "HexLength"
	| "JsonMalformed"
	| "LoneSurrogate"
	| "NotDecimal"
	| "NotEncodable"
	| "NotMinimal"
	| "NotSafeInteger"
	| "NotUint256"
	| "NotUtf8"
	| "Overflow"
	| "TooDeep"
	| "TooLong"
	| "Underflow"
> {}
