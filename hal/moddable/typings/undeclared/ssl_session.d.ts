/** A module of the SDK that it does not declare: the part used here. */
declare module "ssl/session" {
	import type { PublicKey } from "x509";

	/** The stream that a session reads its records from and writes them to. */
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
