import { NamedError } from "../../../modules/encoding/named_error.js";

/** A TLS connection could not be established, or failed. */
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
