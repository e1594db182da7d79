/** A module of the SDK that it does not declare: the part used here. */
declare module "ssl/session" {
	import type { PublicKey } from "x509";

	/** The stream from which a session reads records, and to which it writes them. */
	export interface RecordSocket {
		readable: number;
		writable: number;
		read(target: Uint8Array): void;
		/** Returns the remaining room. */
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
		/** The type of the last received handshake message; it decides the client's next step. */
		handshakeProcess: number;
		/** The last received alert. */
		alert: { level: number; description: number } | undefined;
		certificateManager: CertificateManager;
		initiateHandshake(): void;
		/** Continues the handshake. Returns true once it is complete. */
		handshake(socket: RecordSocket): boolean;
		/** Returns `null` once the peer has ended. */
		read(socket: RecordSocket): Uint8Array | null | undefined;
		write(socket: RecordSocket, data: Uint8Array): number;
		readPacket(socket: RecordSocket): ArrayBuffer | undefined;
	}
}
