/** What TLS is built from in the SDK, as far as it is used here. The SDK does not declare these modules. */
declare module "ssl/session" {
	import type { PublicKey } from "x509";

	/** What a session reads its records from and writes them to. */
	export interface RecordSocket {
		readable: number;
		writable: number;
		read(target: Uint8Array): void;
		/** Returns the room that is left. */
		write(record: Uint8Array): number;
	}

	export interface SessionOptions {
		serverName: string;
		protocolVersion: number;
		applicationLayerProtocolNegotiation: string;
		cache: boolean;
	}

	export interface CertificateManager {
		verify(chain: Uint8Array[]): boolean;
		register(certificate: ArrayBuffer): void;
		getKey(certificate: ArrayBuffer): PublicKey;
		findPreferredCert(): ArrayBuffer[];
	}

	export default class Session {
		constructor(options: SessionOptions);
		/** The type of the last handshake message that came in; what the client does next depends on it. */
		handshakeProcess: number;
		/** The last alert that came in. */
		alert: { level: number; description: number } | undefined;
		certificateManager: CertificateManager;
		initiateHandshake(): void;
		/** Goes on with the handshake. Returns whether it is done. */
		handshake(socket: RecordSocket): boolean;
		/** `null`: the peer is at its end. */
		read(socket: RecordSocket): Uint8Array | null | undefined;
		write(socket: RecordSocket, data: Uint8Array): number;
		readPacket(socket: RecordSocket): ArrayBuffer | undefined;
	}
}

declare module "x509" {
	/** A whole number of any size, that is handed on unseen. */
	export type Big = object & { toString(): string };

	export interface Curve {
		/** Bytes of a coordinate. */
		readonly orderSize: number;
	}

	export type PublicKey = { readonly modulus: Big; readonly exponent: Big } | { readonly curve: Curve; readonly pub: object };

	const X509: {
		/** The public key of a certificate. */
		decodeSPKI(certificate: Uint8Array): PublicKey;
	};
	export default X509;
}

declare module "pkcs1" {
	import type { Big } from "x509";

	const PKCS1: { OS2IP(bytes: Uint8Array): Big };
	export default PKCS1;
}

declare module "pkcs1_5" {
	import type { Big } from "x509";

	export default class PKCS1_5 {
		constructor(key: { readonly modulus: Big; readonly exponent: Big }, isPrivate: boolean, hash?: readonly number[]);
		readonly modulusSize: number;
		readonly rsa: { process(number: Big): Big };
		emsaEncode(hash: ArrayBuffer, length: number): Big;
	}
}

declare module "ecdsa" {
	import type { Curve } from "x509";

	export default class ECDSA {
		constructor(key: object, curve: Curve);
		/** @param signature r and s, each as long as a coordinate */
		verify(hash: ArrayBuffer, signature: ArrayBuffer): boolean;
	}
}
