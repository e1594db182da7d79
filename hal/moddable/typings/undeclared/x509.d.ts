/** A module of the SDK that it does not declare: the part used here. */
declare module "x509" {
	/** A whole number of any size, that is handed on unseen. */
	export type Big = object & { toString(): string };

	export interface Curve {
		/** Bytes of a coordinate. */
		readonly orderSize: number;
	}

	export type PublicKey =
		| { readonly modulus: Big; readonly exponent: Big }
		| { readonly curve: Curve; readonly pub: object };

	const X509: {
		/** The public key of a certificate. */
		decodeSPKI(certificate: Uint8Array): PublicKey;
	};
	export default X509;
}
