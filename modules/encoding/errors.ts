import { NamedError } from "./named_error.js";

/** An encoding refused its input. */
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
