/**
 * Verifies a certificate's signature: RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2) and ECDSA (FIPS 186-5 §6.4.2) with
 * SHA-256, SHA-384 or SHA-512, over the SDK's arithmetic. This adds what the SDK's own `verify` omits: an RSA
 * signature is compared in full with the expected one, and an ECDSA signature of 0 is invalid.
 */
import { Digest, type DigestType } from "crypt";
import ECDSA from "ecdsa";
import PKCS1 from "pkcs1";
import PKCS1_5 from "pkcs1_5";
import X509, { type PublicKey } from "x509";
import type { Certificate } from "./certificate.js";
import { Der, TAG } from "./der.js";

interface Algorithm {
	readonly hash: DigestType;
	/** The object identifier of the hash, for RSA. */
	readonly id?: readonly number[];
}

/** Indexed by the object identifier in hexadecimal: sha256/384/512WithRSAEncryption, ecdsa-with-SHA256/384/512. */
const ALGORITHMS: Readonly<Record<string, Algorithm>> = Object.freeze({
	"2a864886f70d01010b": Object.freeze({ hash: "SHA256", id: Object.freeze([2, 16, 840, 1, 101, 3, 4, 2, 1]) }),
	"2a864886f70d01010c": Object.freeze({ hash: "SHA384", id: Object.freeze([2, 16, 840, 1, 101, 3, 4, 2, 2]) }),
	"2a864886f70d01010d": Object.freeze({ hash: "SHA512", id: Object.freeze([2, 16, 840, 1, 101, 3, 4, 2, 3]) }),
	"2a8648ce3d040302": Object.freeze({ hash: "SHA256" }),
	"2a8648ce3d040303": Object.freeze({ hash: "SHA384" }),
	"2a8648ce3d040304": Object.freeze({ hash: "SHA512" }),
} as const);

/** The orders of P-256 and P-384 (SEC 2 §2.4.2, §2.5.1), by the length of a coordinate. */
const ORDERS: Readonly<Record<number, string>> = Object.freeze({
	32: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
	48: "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
});
/**
 * The only accepted exponent. RFC 8017 leaves it open; every public authority uses this one, and forgeries need small ones.
 */
const EXPONENT = "65537";
const SHORTEST_MODULUS = 256;

/** Returns the public key of a certificate, or `undefined` if its kind is not trusted here. */
export function publicKeyOf(certificate: Uint8Array): PublicKey | undefined {
	const key = X509.decodeSPKI(certificate);
	if ("curve" in key) return key;
	const isStrong = String(key.exponent) === EXPONENT && new PKCS1_5(key, false).modulusSize >= SHORTEST_MODULUS;
	return isStrong ? key : undefined;
}

/** True if `key` signed `certificate`. */
export function isSignedBy(certificate: Certificate, key: PublicKey): boolean {
	const algorithm = ALGORITHMS[certificate.algorithm];
	if (algorithm === undefined || "curve" in key !== (algorithm.id === undefined)) return false;
	const digest = new Digest(algorithm.hash);
	digest.write(certificate.body.slice().buffer);
	const hash = digest.close();
	const { signature } = certificate;
	if (!("curve" in key)) {
		const rsa = new PKCS1_5(key, false, algorithm.id);
		if (signature.length !== rsa.modulusSize) return false;
		return rsa.rsa.process(PKCS1.OS2IP(signature)) === rsa.emsaEncode(hash, rsa.modulusSize - 1);
	}
	const size = key.curve.orderSize;
	const numbers = ecdsaNumbers(signature, size);
	return numbers !== undefined && new ECDSA(key.pub, key.curve).verify(hash.slice(0, size), numbers.buffer);
}

/**
 * Returns r and s of `Ecdsa-Sig-Value` (RFC 3279 §2.2.3), `size` bytes each; `undefined` if one is not from 1 to the order -
 * 1.
 */
export function ecdsaNumbers(signature: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined {
	const pair = new Der(signature).enter(TAG.sequence);
	const numbers = new Uint8Array(2 * size);
	for (const end of [size, 2 * size]) {
		let { content } = pair.next(TAG.integer);
		while (content[0] === 0) content = content.subarray(1);
		if (content.length === 0 || content.length > size) return undefined;
		numbers.set(content, end - content.length);
		if (!isBelowOrder(numbers.subarray(end - size, end))) return undefined;
	}
	return numbers;
}

function isBelowOrder(number: Uint8Array): boolean {
	const order = ORDERS[number.length];
	if (order === undefined) return false;
	for (let i = 0; i < number.length; i++) {
		const difference = number[i]! - Number.parseInt(order.slice(2 * i, 2 * i + 2), 16);
		if (difference !== 0) return difference < 0;
	}
	return false;
}
