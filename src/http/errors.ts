import { NamedError } from "../../modules/encoding/named_error.js";

/** The reasons why an exchange is refused or fails: one name for each. */
export type HttpErrorName =
	// The address
	| "UrlCharacter"
	| "UrlHost"
	| "UrlMalformed"
	| "UrlPort"
	| "UrlScheme"
	| "UrlTooLong"
	| "UrlUserinfo"
	// The request
	| "HeaderInvalid"
	| "HeaderReserved"
	| "MethodInvalid"
	// The connection
	| "ClientClosed"
	| "ConnectFailed"
	| "ConnectTimeout"
	| "ExchangeTimeout"
	| "HeaderTimeout"
	| "IdleTimeout"
	| "NoResponse"
	| "TooManySockets"
	// The agent
	| "TurnOver"
	// The response
	| "BodyCut"
	| "BodyNotUtf8"
	| "BodyTooLarge"
	| "ChunkExtensionTooLong"
	| "ChunkMalformed"
	| "ContentLengthInvalid"
	| "ContentLengthRepeated"
	| "FramingAmbiguous"
	| "HeadCut"
	| "HeaderFolded"
	| "HeaderMalformed"
	| "HeadTooLarge"
	| "StatusLineMalformed"
	| "TooManyHeaders"
	| "TrailersTooLarge"
	| "TransferCodingUnsupported"
	| "UpgradeUnexpected"
	| "VersionUnsupported"
	// Redirects
	| "RedirectDowngrade"
	| "RedirectForbidden"
	| "RedirectLimit"
	| "RedirectMalformed"
	| "RedirectWithBody"
	| "RedirectWithCredentials";

export class HttpError extends NamedError<HttpErrorName> {
	/**
	 * True if any byte of the request may have reached a server, on any hop. `false` is certain: nothing has left this device.
	 */
	sent = false;
	/** True if a repeat cannot have an effect twice: nothing was sent, or the method is idempotent (RFC 9110 §9.2.2). */
	isRepeatable = true;
}
