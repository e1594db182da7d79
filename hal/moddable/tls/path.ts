/**
 * Checks a server's identity: a path from its certificate to a trusted root (RFC 5280 §6.1), and its name (RFC 9525).
 * The SDK's own check accepts a chain if any part of it is valid: it accepts a forged certificate beside a genuine
 * intermediate one. So it is not used.
 *
 * Not done: name constraints (an authority with any is refused), policies (an authority with critical policy constraints is
 * refused), and revocation.
 */
import type { PublicKey } from "x509";
import { isSame } from "../../../modules/encoding/bytes.js";
import { parseIPv4 } from "../../../src/http/address.js";
import { type Certificate, DIGITAL_SIGNATURE, KEY_CERT_SIGN, parseCertificate, subjectOf } from "./certificate.js";
import { isSignedBy, publicKeyOf } from "./signature.js";
import { TlsError } from "./tls_error.js";

/** The most authorities between the server and its root. Public paths have one or two. */
const LONGEST_PATH = 4;

export interface Trust {
	/** Root certificates, DER; requested one at a time, and dropped if they do not match. */
	roots(): Iterable<Uint8Array>;
	/** Milliseconds since the epoch; `undefined` while it is not set. */
	wall(): number | undefined;
}

/**
 * Verifies a server and returns the key of its certificate, which is the first of `chain` (DER).
 *
 * @param host a DNS name or an IPv4 address
 *
 * Throws `TlsError` `TlsClockNotSet`, `TlsCertificateMalformed`, `TlsWrongName`, `TlsCertificateDates`,
 * `TlsCertificatePurpose`, `TlsUnknownAuthority`.
 */
export function verifyServer(chain: readonly Uint8Array[], host: string, trust: Trust): PublicKey {
	const now = trust.wall();
	if (now === undefined) throw new TlsError("TlsClockNotSet", "expected wall time to be set: certificates have dates");
	const [first, ...rest] = chain;
	if (first === undefined) throw new TlsError("TlsUnknownAuthority", `${host} showed no certificate`);
	const server = parseCertificate(first);
	checkName(server, host);
	if (!server.mayServe || !(server.keyUsage & DIGITAL_SIGNATURE)) {
		throw new TlsError("TlsCertificatePurpose", `the certificate of ${host} is not for a server`);
	}
	checkPath(server, rest, host, now, trust);
	const key = publicKeyOf(server.whole);
	if (key === undefined) throw new TlsError("TlsCertificatePurpose", `the key of ${host} is too weak`);
	return key;
}

function checkPath(server: Certificate, rest: readonly Uint8Array[], host: string, now: number, trust: Trust): void {
	let certificate = server;
	for (let authorities = 0; authorities <= LONGEST_PATH; authorities++) {
		checkDates(certificate, host, now);
		if (certificate.isForeign) {
			throw new TlsError("TlsCertificatePurpose", `${host} presented a certificate with unsupported constraints`);
		}
		if (isSignedByRoot(certificate, now, trust)) return;
		const authority = authorityOf(certificate, rest, authorities);
		if (authority === undefined) break;
		certificate = authority;
	}
	throw new TlsError(
		"TlsUnknownAuthority",
		`no trusted root signed the certificate of ${host}: add its root to the image`,
	);
}

function isSignedByRoot(certificate: Certificate, now: number, { roots }: Trust): boolean {
	for (const root of roots()) {
		if (!isSame(subjectOf(root), certificate.issuer)) continue;
		const { notBefore, notAfter, whole } = parseCertificate(root);
		const key = publicKeyOf(whole);
		if (notBefore <= now && now <= notAfter && key !== undefined && isSignedBy(certificate, key)) return true;
	}
	return false;
}

/** Returns the authority among `others` that signed `certificate`, with `below` authorities between it and the server. */
function authorityOf(certificate: Certificate, others: readonly Uint8Array[], below: number): Certificate | undefined {
	for (const other of others) {
		if (!isSame(subjectOf(other), certificate.issuer)) continue;
		const authority = parseCertificate(other);
		const { isAuthority, mayServe, keyUsage, pathLength, whole } = authority;
		// An authority's purpose limits what it may sign, as in every browser.
		if (!isAuthority || !mayServe || !(keyUsage & KEY_CERT_SIGN)) continue;
		if (pathLength !== undefined && pathLength < below) continue;
		const key = publicKeyOf(whole);
		if (key !== undefined && isSignedBy(certificate, key)) return authority;
	}
	return undefined;
}

function checkDates({ notBefore, notAfter }: Certificate, host: string, now: number): void {
	if (notBefore <= now && now <= notAfter) return;
	const dates = `from ${new Date(notBefore).toISOString()} to ${new Date(notAfter).toISOString()}`;
	throw new TlsError(
		"TlsCertificateDates",
		`a certificate of ${host} is valid ${dates}, and the time is ${new Date(now).toISOString()}: check the clock`,
	);
}

/** Checks the host against the certificate's names (RFC 9525 §6.3); a wildcard matches only the first label. */
function checkName({ dnsNames, addresses }: Certificate, host: string): void {
	const name = host.toLowerCase();
	const parent = name.slice(name.indexOf("."));
	const isMatch = (listed: string) => listed === name || (listed === `*${parent}` && parent.indexOf(".", 1) > 0);
	if (parseIPv4(name) !== undefined ? addresses.includes(name) : dnsNames.some(isMatch)) return;
	const listed = [...dnsNames, ...addresses].slice(0, 4).join(", ") || "no name";
	throw new TlsError("TlsWrongName", `expected a certificate for ${host}, got one for ${listed}`);
}
