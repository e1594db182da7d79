/**
 * Checks each record before the SDK's TLS 1.2 session (RFC 5246) gets it. The SDK accepts a server's messages in any order,
 * an unsigned key exchange, application data before the end of the handshake, and cipher suites without forward secrecy.
 * path.ts checks certificates.
 */
import SdkSession, { type RecordSocket, type SessionOptions } from "ssl/session";
import type { PublicKey } from "x509";
import { type Trust, verifyServer } from "./path.js";
import { ecdsaNumbers } from "./signature.js";
import { TlsError } from "./tls_error.js";

const RECORD = Object.freeze({ changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 });
const MESSAGE = Object.freeze({
	serverHello: 2,
	certificate: 11,
	serverKeyExchange: 12,
	certificateRequest: 13,
	serverHelloDone: 14,
});
const TLS_1_2 = 0x0303;
/** ECDHE-ECDSA and ECDHE-RSA with AES-128-GCM-SHA256 (RFC 5289 §3.2). */
const CIPHER_SUITES: readonly number[] = Object.freeze([0xc02b, 0xc02f]);
const NAMED_CURVE = 3;
const SHA256 = 4;
const RSA = 1;
const ECDSA = 3;

/** The messages that are allowed next. */
type Step = "serverHello" | "certificate" | "keyExchange" | "helloDone" | "changeCipherSpec" | "finished" | "data";

export class Session extends SdkSession {
	readonly #host: string;
	#step: Step = "serverHello";
	#key: PublicKey | undefined;
	#exchange: { readonly algorithm: number; readonly signature: Uint8Array } | undefined;

	constructor(host: string, trust: Trust) {
		const options: SessionOptions = {
			serverName: host,
			protocolVersion: TLS_1_2,
			applicationLayerProtocolNegotiation: "http/1.1",
			// Each connection must present its certificate: nothing is reused from an earlier one.
			cache: false,
		};
		super(options);
		this.#host = host;
		this.certificateManager = {
			verify: (chain) => {
				this.#key = verifyServer(chain, host, trust);
				return true;
			},
			register() {},
			getKey: () => this.#serverKey(),
			findPreferredCert: () => [],
		};
		this.initiateHandshake();
	}

	/** Called by the SDK for each record. */
	override readPacket(socket: RecordSocket): ArrayBuffer | undefined {
		const packet = super.readPacket(socket);
		if (packet !== undefined) this.#check(new Uint8Array(packet));
		return packet;
	}

	#check(record: Uint8Array): void {
		const type = record[0];
		if (type === RECORD.alert) return;
		if (type === RECORD.handshake && this.#step === "finished") {
			this.#step = "data";
		} else if (type === RECORD.changeCipherSpec && this.#step === "changeCipherSpec") {
			this.#step = "finished";
		} else if (type === RECORD.handshake) {
			this.#checkMessages(record);
		} else if (type !== RECORD.applicationData || this.#step !== "data") {
			throw this.#outOfOrder();
		}
	}

	#checkMessages(record: Uint8Array): void {
		for (let at = 5; at < record.length; ) {
			const length = numberAt(record, at + 1, 3);
			const end = at + 4 + length;
			if (!(end <= record.length)) throw new TlsError("TlsFailed", `${this.#host} split a handshake message`);
			this.#checkMessage(record[at]!, record.subarray(at + 4, end));
			at = end;
		}
	}

	#checkMessage(type: number, body: Uint8Array): void {
		if (type === MESSAGE.serverHello && this.#step === "serverHello") {
			this.#checkHello(body);
			this.#step = "certificate";
		} else if (type === MESSAGE.certificate && this.#step === "certificate") {
			this.#step = "keyExchange";
		} else if (type === MESSAGE.serverKeyExchange && this.#step === "keyExchange") {
			this.#checkKeyExchange(body);
			this.#step = "helloDone";
		} else if (type === MESSAGE.serverHelloDone && this.#step === "helloDone") {
			this.#step = "changeCipherSpec";
		} else if (type !== MESSAGE.certificateRequest || this.#step !== "helloDone") {
			throw this.#outOfOrder();
		}
	}

	/** Checks the hello, RFC 5246 §7.4.1.3. */
	#checkHello(body: Uint8Array): void {
		if (numberAt(body, 0, 2) !== TLS_1_2) {
			throw new TlsError("TlsVersion", `expected TLS 1.2, ${this.#host} speaks another version`);
		}
		const suite = numberAt(body, 35 + body[34]!, 2);
		if (!CIPHER_SUITES.includes(suite)) {
			throw new TlsError("TlsCipher", `expected ECDHE with AES-128-GCM, ${this.#host} chose cipher suite ${suite}`);
		}
	}

	/** Checks that the key exchange is signed, with a hash that was offered (RFC 8422 §5.4). */
	#checkKeyExchange(body: Uint8Array): void {
		const signed = 4 + body[3]!;
		const length = numberAt(body, signed + 2, 2);
		this.#exchange = { algorithm: body[signed + 1]!, signature: body.slice(signed + 4, signed + 4 + length) };
		if (body[0] !== NAMED_CURVE || body[signed] !== SHA256) throw this.#unsigned();
	}

	/** The SDK asks for the key to verify the key exchange, which it does for every signature that passes the check above. */
	#serverKey(): PublicKey {
		const key = this.#key;
		const exchange = this.#exchange;
		if (key === undefined || exchange === undefined) throw this.#outOfOrder();
		const { algorithm, signature } = exchange;
		const isSound =
			"curve" in key
				? algorithm === ECDSA && ecdsaNumbers(signature, key.curve.orderSize) !== undefined
				: algorithm === RSA && signature.length > 0;
		if (!isSound) throw this.#unsigned();
		return key;
	}

	#unsigned(): TlsError {
		return new TlsError("TlsHandshakeSignature", `${this.#host} did not sign its part of the key exchange`);
	}

	#outOfOrder(): TlsError {
		return new TlsError("TlsHandshakeOrder", `${this.#host} sent a TLS message out of order, at ${this.#step}`);
	}
}

function numberAt(bytes: Uint8Array, at: number, length: number): number {
	let number = 0;
	for (let i = at; i < at + length; i++) number = number * 256 + (bytes[i] ?? Number.NaN);
	return number;
}
