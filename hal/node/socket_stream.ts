/** Adapts a socket of Node to `stream.ts`; its buffers are bounded in both directions. */
import net from "node:net";
import tls from "node:tls";
import type { Stream, StreamOptions } from "../../src/device/stream.js";
import type { Power } from "./power.js";

/** Bytes that may wait to be sent. */
const WRITE_WINDOW = 2_048;
/** The socket is paused while this many bytes wait to be read; one read of Node's, at most 64 KB, may be added. */
const READ_WINDOW = 2_048;

export class SocketStream implements Stream {
	readonly #options: StreamOptions;
	readonly #power: Power;
	readonly #socket: net.Socket;
	#pieces: Buffer[] = [];
	#buffered = 0;
	#writable = WRITE_WINDOW;
	/** The end of the connection, held back until all earlier bytes have been read. */
	#end: { readonly reason: string | undefined } | undefined;
	#closed = false;

	/** `ca` is a certificate (PEM) to trust in addition to the well-known ones. */
	constructor(options: StreamOptions, power: Power, ca: string | undefined) {
		this.#options = options;
		this.#power = power;
		const { host, port, secure } = options;
		const socket = power.run(() => (secure ? connectTls(host, port, ca) : net.connect({ host, port, noDelay: true })));
		this.#socket = socket;
		socket.on(secure ? "secureConnect" : "connect", () => this.#announceRoom());
		socket.on("data", (piece) => this.#onData(piece));
		socket.on("end", () => this.#onEnd(undefined));
		socket.on("error", (error: NodeJS.ErrnoException) => this.#onEnd(error.code ?? error.message));
		socket.on("close", () => this.#onEnd("closed"));
	}

	read(count: number): ArrayBuffer | undefined {
		const first = this.#pieces[0];
		if (this.#closed || first === undefined || count < 1) {
			return undefined;
		}
		return this.#power.run(() => {
			const bytes = new Uint8Array(first.subarray(0, count));
			if (bytes.length < first.length) {
				this.#pieces[0] = first.subarray(bytes.length);
			} else {
				this.#pieces.shift();
			}
			this.#buffered -= bytes.length;
			if (this.#buffered < READ_WINDOW) {
				this.#socket.resume();
			}
			this.#reportEnd();
			return bytes.buffer;
		});
	}

	write(bytes: Uint8Array): void {
		if (this.#closed || bytes.length > this.#writable) {
			throw new RangeError(`expected at most ${this.#writable} bytes for an open stream, got ${bytes.length}`);
		}
		const last = this.#power.begin();
		const length = last && this.#power.tears ? bytes.length >> 1 : bytes.length;
		this.#writable -= bytes.length;
		// Node may keep the bytes until later; the caller may reuse them.
		this.#socket.write(Buffer.from(bytes.subarray(0, length)), (error) => {
			if (last) {
				this.#power.fail();
			}
			if (!error) {
				this.#writable += bytes.length;
				this.#announceRoom();
			}
		});
		if (last && this.#socket.writableLength === 0) {
			this.#power.fail();
		} else if (last) {
			// The kernel has the bytes only when Node says so; until then the device must do nothing more.
			this.#power.goDown();
		}
	}

	close(): void {
		this.#closed = true;
		this.#pieces = [];
		this.#socket.destroy();
	}

	#announceRoom(): void {
		if (!this.#closed) {
			this.#options.onWritable(this.#writable);
		}
	}

	#onData(piece: Buffer): void {
		if (this.#closed) {
			return;
		}
		this.#pieces.push(piece);
		this.#buffered += piece.length;
		if (this.#buffered >= READ_WINDOW) {
			this.#socket.pause();
		}
		this.#options.onReadable(this.#buffered);
	}

	#onEnd(reason: string | undefined): void {
		this.#end ??= { reason };
		this.#reportEnd();
	}

	/** Reports the end, but not from within `read`: its caller is still busy with the bytes. */
	#reportEnd(): void {
		if (this.#end === undefined || this.#buffered > 0) {
			return;
		}
		const { reason } = this.#end;
		queueMicrotask(() => {
			if (!this.#closed) {
				this.close();
				this.#options.onError(reason);
			}
		});
	}
}

function connectTls(host: string, port: number, ca: string | undefined): tls.TLSSocket {
	return tls.connect({
		host,
		port,
		ALPNProtocols: ["http/1.1"],
		...(net.isIP(host) === 0 ? { servername: host } : {}),
		...(ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] }),
	});
}
