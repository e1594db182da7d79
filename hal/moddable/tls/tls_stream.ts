/** A stream over TLS 1.2: the SDK's session over a TCP stream. Every failure ends in `onError` with its name. */
import type { RecordSocket } from "ssl/session";
import Timer from "timer";
import type { Stream, StreamOptions } from "../../../src/device/stream.js";
import { TcpStream } from "../tcp_stream.js";
import { alertOf } from "./alerts.js";
import { Session } from "./handshake.js";
import type { Trust } from "./path.js";
import { TlsError } from "./tls_error.js";

/** The overhead of a record: header, explicit nonce, tag (RFC 5246 §6.2.3, RFC 5288 §3). */
const RECORD_OVERHEAD = 5 + 8 + 16;
/** `serverHelloDone` and `finished`: after them it is the client's turn. */
const TURNS: readonly number[] = Object.freeze([14, 20]);

export class TlsStream implements Stream {
	readonly #options: StreamOptions;
	readonly #trust: Trust;
	readonly #tcp: TcpStream;
	readonly #socket: RecordSocket;
	#session: Session | undefined;
	/** True once the handshake is complete. */
	#isReady = false;
	/** Decrypted bytes that are not yet read. */
	#data: Uint8Array | undefined;
	/** Records that did not fit into the socket. */
	#unsent: Uint8Array[] = [];
	/** Set if the server cut the connection while data was waiting to be read. */
	#cut: TlsError | undefined;
	/** True once the end is reported, or about to be. */
	#hasEnded = false;
	#closed = false;

	constructor(options: StreamOptions, trust: Trust) {
		this.#options = options;
		this.#trust = trust;
		this.#tcp = new TcpStream({
			host: options.host,
			port: options.port,
			secure: false,
			onReadable: (count) => this.#run(() => this.#onReadable(count)),
			onWritable: (count) => this.#run(() => this.#onWritable(count)),
			onError: (reason) => this.#onTcpError(reason),
		});
		this.#socket = {
			readable: 0,
			writable: 0,
			read: (target) => this.#readTcp(target),
			write: (record) => this.#writeTcp(record),
		};
	}

	open(address: string): void {
		this.#tcp.open(address);
	}

	fail(reason: string | undefined): void {
		this.#tcp.fail(reason);
	}

	read(count: number): ArrayBuffer | undefined {
		const data = this.#data;
		if (this.#closed || data === undefined || count < 1) return undefined;
		this.#data = count < data.length ? data.subarray(count) : undefined;
		if (this.#data === undefined) this.#defer(() => this.#run(() => this.#receiveNext()));
		return data.slice(0, count).buffer as ArrayBuffer;
	}

	write(bytes: Uint8Array): void {
		if (this.#closed) throw new RangeError("expected an open stream");
		this.#run(() => this.#session!.write(this.#socket, bytes));
	}

	close(): void {
		this.#closed = true;
		this.#release();
	}

	#onWritable(count: number): void {
		this.#session ??= new Session(this.#options.host, this.#trust);
		this.#socket.writable = count;
		while (this.#unsent.length > 0 && this.#unsent[0]!.length <= this.#socket.writable) {
			const record = this.#unsent.shift()!;
			this.#socket.writable -= record.length;
			this.#tcp.write(record);
		}
		if (this.#isReady) this.#announceRoom();
		else this.#shakeHands();
	}

	#onReadable(count: number): void {
		this.#socket.readable = count;
		if (this.#isReady) this.#receive();
		else this.#shakeHands();
	}

	#shakeHands(): void {
		const session = this.#session;
		if (session === undefined) return;
		do {
			const isDone = session.handshake(this.#socket);
			if (session.alert !== undefined) throw alertOf(session.alert.description, this.#options.host);
			if (isDone) {
				this.#isReady = true;
				this.#announceRoom();
				this.#receive();
				return;
			}
		} while (this.#socket.readable > 0 || TURNS.includes(session.handshakeProcess));
	}

	/** Called when all decrypted bytes have been read. */
	#receiveNext(): void {
		this.#receive();
		if (this.#data === undefined && this.#cut !== undefined) throw this.#cut;
	}

	/** Decrypts the next record, unless one is still to be read. */
	#receive(): void {
		while (this.#data === undefined && this.#session !== undefined && this.#socket.readable > 0) {
			const data = this.#session.read(this.#socket);
			if (data === undefined) return;
			if (data === null) {
				this.#end(undefined);
			} else if (data.length > 0) {
				this.#data = data;
				this.#options.onReadable(data.length);
			}
		}
	}

	#announceRoom(): void {
		const room = this.#socket.writable - RECORD_OVERHEAD;
		if (room > 0 && this.#unsent.length === 0) this.#options.onWritable(room);
	}

	#readTcp(target: Uint8Array): void {
		for (let at = 0; at < target.length; ) {
			const piece = this.#tcp.read(target.length - at);
			if (piece === undefined) throw new TlsError("TlsFailed", "the socket has less than it announced");
			target.set(new Uint8Array(piece), at);
			at += piece.byteLength;
		}
	}

	/** Returns the remaining room. */
	#writeTcp(record: Uint8Array): number {
		const { writable } = this.#socket;
		if (this.#unsent.length > 0 || record.length > writable) {
			this.#unsent.push(record.slice());
			return writable;
		}
		this.#tcp.write(record);
		return writable - record.length;
	}

	#onTcpError(reason: string | undefined): void {
		if (reason === undefined) this.#onTcpEnd();
		else this.#end(reason);
	}

	#onTcpEnd(): void {
		const when = this.#isReady ? "without a close alert" : "during the handshake";
		const cut = new TlsError("TlsTruncated", `${this.#options.host} ended the connection ${when}`);
		if (this.#data === undefined) this.#fail(cut);
		else this.#cut = cut;
	}

	#run(action: () => void): void {
		if (this.#closed || this.#hasEnded) return;
		try {
			action();
		} catch (error) {
			this.#fail(error as Error);
		}
	}

	/** Reports a failure. The SDK throws for a fatal alert, and for any malformed record. */
	#fail(error: Error): void {
		const { host } = this.#options;
		const alert = this.#session?.alert;
		let named = error;
		if (!(error instanceof TlsError)) {
			named =
				alert === undefined
					? new TlsError("TlsFailed", `TLS with ${host} failed: ${error.message || "a message is malformed"}`)
					: alertOf(alert.description, host);
		}
		this.#end(`${named.name}: ${named.message}`);
	}

	#end(reason: string | undefined): void {
		if (this.#hasEnded) return;
		this.#hasEnded = true;
		this.#release();
		this.#defer(() => {
			this.#closed = true;
			this.#options.onError(reason);
		});
	}

	/** Defers an action, so that it does not run within a call of the stream's user. */
	#defer(action: () => void): void {
		Timer.set(() => {
			if (!this.#closed) action();
		}, 0);
	}

	#release(): void {
		this.#session = this.#data = undefined;
		this.#unsent = [];
		this.#tcp.close();
	}
}
