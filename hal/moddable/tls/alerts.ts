/** Names a server's fatal alert (RFC 5246 §7.2). */
import { TlsError } from "./tls_error.js";

const NAMES: Readonly<Record<number, string>> = Object.freeze({
	10: "unexpected_message",
	20: "bad_record_mac",
	22: "record_overflow",
	40: "handshake_failure",
	42: "bad_certificate",
	43: "unsupported_certificate",
	44: "certificate_revoked",
	45: "certificate_expired",
	46: "certificate_unknown",
	47: "illegal_parameter",
	48: "unknown_ca",
	49: "access_denied",
	50: "decode_error",
	51: "decrypt_error",
	70: "protocol_version",
	71: "insufficient_security",
	80: "internal_error",
	90: "user_canceled",
	110: "unsupported_extension",
	112: "unrecognized_name",
	120: "no_application_protocol",
});
const PROTOCOL_VERSION = 70;

export function alertOf(description: number, host: string): TlsError {
	const name = NAMES[description] ?? "unknown";
	return description === PROTOCOL_VERSION
		? new TlsError("TlsVersion", `${host} does not speak TLS 1.2, the only supported version (alert ${name})`)
		: new TlsError("TlsAlert", `${host} ended the handshake or the connection with alert ${description}, ${name}`);
}
