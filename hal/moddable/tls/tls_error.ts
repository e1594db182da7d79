import { NamedError } from "../../../modules/encoding/named_error.js";

/** Why a TLS connection was not made, or was given up. */
export class TlsError extends NamedError<
	| "TlsAlert"
	| "TlsCertificateDates"
	| "TlsCertificateMalformed"
	| "TlsCertificatePurpose"
	| "TlsCipher"
	| "TlsClockNotSet"
	| "TlsFailed"
	| "TlsHandshakeOrder"
	| "TlsHandshakeSignature"
	| "TlsTruncated"
	| "TlsUnknownAuthority"
	| "TlsVersion"
	| "TlsWrongName"
> {}
