/** An X.509 certificate (RFC 5280 §4), parsed as far as path validation needs it. */
import { encode as encodeHex } from "../../../modules/encoding/hex.js";
import { Der, type Item, malformed, TAG } from "./der.js";

/** `id-ce`, 2.5.29: the extensions that are understood, by their last number. */
const EXTENSION = Object.freeze({
	keyUsage: 15,
	subjectAltName: 17,
	basicConstraints: 19,
	nameConstraints: 30,
	certificatePolicies: 32,
	extKeyUsage: 37,
});
/** `keyUsage`, its first byte. */
export const DIGITAL_SIGNATURE = 0x80;
export const KEY_CERT_SIGN = 0x04;
/** `id-kp-serverAuth` and `anyExtendedKeyUsage`, in hexadecimal. */
const SERVER_PURPOSES: readonly string[] = Object.freeze(["2b06010505070301", "551d2500"]);

/** `[2]` and `[7]` of a GeneralName. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

export interface Certificate {
	readonly whole: Uint8Array;
	/** The signed bytes. */
	readonly body: Uint8Array;
	/** The object identifier of the signature's algorithm, in hexadecimal. */
	readonly algorithm: string;
	readonly signature: Uint8Array;
	/** Distinguished names, in DER. */
	readonly issuer: Uint8Array;
	readonly subject: Uint8Array;
	/** Milliseconds since the epoch. */
	readonly notBefore: number;
	readonly notAfter: number;
	readonly isAuthority: boolean;
	/** The number of authorities allowed between this one and the server; `undefined`: any. */
	readonly pathLength: number | undefined;
	/** The first byte of `keyUsage`; all are allowed when it is missing. */
	readonly keyUsage: number;
	readonly mayServe: boolean;
	/** Lower case. */
	readonly dnsNames: readonly string[];
	/** IPv4, dotted. */
	readonly addresses: readonly string[];
	/** True if it has a critical extension that is not understood here, or constrains names. */
	readonly isForeign: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Extensions = Mutable<Pick<Certificate, "isAuthority" | "pathLength" | "keyUsage" | "mayServe" | "isForeign">> & {
	dnsNames: string[];
	addresses: string[];
};

/** Parses a certificate. Throws `TlsError` `TlsCertificateMalformed`. */
export function parseCertificate(bytes: Uint8Array): Certificate {
	const certificate = new Der(bytes).next(TAG.sequence);
	const outer = new Der(certificate.content);
	const body = outer.next(TAG.sequence);
	const algorithm = outer.enter(TAG.sequence).next(TAG.objectIdentifier);
	const signature = outer.next(TAG.bitString).content;
	if (signature[0] !== 0) throw malformed();

	const fields = new Der(body.content);
	fields.optional(0xa0); // version
	fields.next(TAG.integer); // serialNumber
	const inner = fields.enter(TAG.sequence).next(TAG.objectIdentifier);
	const issuer = fields.next(TAG.sequence).whole;
	const validity = fields.enter(TAG.sequence);
	const notBefore = timeOf(validity);
	const notAfter = timeOf(validity);
	const subject = fields.next(TAG.sequence).whole;
	fields.next(TAG.sequence); // subjectPublicKeyInfo
	fields.optional(0x81); // issuerUniqueID
	fields.optional(0x82); // subjectUniqueID
	const extensions = fields.optional(0xa3);
	// RFC 5280 §4.1.1.2: the signed algorithm must equal the outer one.
	if (encodeHex(inner.content) !== encodeHex(algorithm.content)) throw malformed();
	return {
		whole: certificate.whole,
		body: body.whole,
		algorithm: encodeHex(algorithm.content),
		signature: signature.subarray(1),
		issuer,
		subject,
		notBefore,
		notAfter,
		...extensionsOf(extensions),
	};
}

/** Returns the subject only, for a search. */
export function subjectOf(bytes: Uint8Array): Uint8Array {
	const fields = new Der(bytes).enter(TAG.sequence).enter(TAG.sequence);
	fields.optional(0xa0);
	fields.next(TAG.integer);
	for (let skipped = 0; skipped < 3; skipped++) fields.next(TAG.sequence);
	return fields.next(TAG.sequence).whole;
}

function extensionsOf(item: Item | undefined): Extensions {
	const found: Extensions = {
		isAuthority: false,
		pathLength: undefined,
		keyUsage: 0xff,
		mayServe: true,
		dnsNames: [],
		addresses: [],
		isForeign: false,
	};
	if (item === undefined) return found;
	const list = new Der(item.content).enter(TAG.sequence);
	while (list.tag !== undefined) {
		const extension = list.enter(TAG.sequence);
		const id = extension.next(TAG.objectIdentifier).content;
		const isCritical = extension.optional(TAG.boolean) !== undefined;
		const value = new Der(extension.next(TAG.octetString).content);
		const isStandard = id.length === 3 && id[0] === 0x55 && id[1] === 0x1d;
		const isKnown = isStandard && takeExtension(id[2]!, value, found);
		if (isCritical && !isKnown) found.isForeign = true;
	}
	return found;
}

function takeExtension(number: number, value: Der, found: Extensions): boolean {
	switch (number) {
		case EXTENSION.keyUsage:
			found.keyUsage = value.next(TAG.bitString).content[1] ?? 0;
			return true;
		case EXTENSION.basicConstraints: {
			const constraints = value.enter(TAG.sequence);
			found.isAuthority = constraints.optional(TAG.boolean)?.content[0] === 0xff;
			const length = constraints.optional(TAG.integer)?.content;
			if (length !== undefined) found.pathLength = length.length === 1 ? length[0] : 0;
			return true;
		}
		case EXTENSION.extKeyUsage: {
			const purposes = value.enter(TAG.sequence);
			found.mayServe = false;
			while (purposes.tag !== undefined) {
				if (SERVER_PURPOSES.includes(encodeHex(purposes.next(TAG.objectIdentifier).content))) found.mayServe = true;
			}
			return true;
		}
		case EXTENSION.subjectAltName:
			takeNames(value.enter(TAG.sequence), found);
			return true;
		case EXTENSION.nameConstraints:
			found.isForeign = true;
			return true;
		default:
			return number === EXTENSION.certificatePolicies;
	}
}

function takeNames(names: Der, found: Extensions): void {
	for (let tag = names.tag; tag !== undefined; tag = names.tag) {
		const { content } = names.next(tag);
		if (tag === DNS_NAME) found.dnsNames.push(new TextDecoder().decode(content).toLowerCase());
		if (tag === IP_ADDRESS && content.length === 4) found.addresses.push(content.join("."));
	}
}

/** RFC 5280 §4.1.2.5: `YYMMDDHHMMSSZ` up to 2049, `YYYYMMDDHHMMSSZ` after it. */
function timeOf(validity: Der): number {
	const isShort = validity.tag === TAG.utcTime;
	const text = new TextDecoder().decode(validity.next(isShort ? TAG.utcTime : TAG.generalizedTime).content);
	const digits = isShort ? `${text < "50" ? "20" : "19"}${text}` : text;
	if (digits.length !== 15 || !digits.endsWith("Z")) throw malformed();
	const at = (from: number) => Number(digits.slice(from, from + 2));
	const time = Date.UTC(at(0) * 100 + at(2), at(4) - 1, at(6), at(8), at(10), at(12));
	if (Number.isNaN(time)) throw malformed();
	return time;
}
