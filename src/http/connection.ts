import type { Connect, Stream } from "../device/stream.js";
import type { Timer, TimerHandle } from "../device/timer.js";
import { HttpError, type HttpErrorName } from "./errors.js";
import type { Head, HeadParser } from "./head.js";
import { type HttpLimits, PIECE } from "./limits.js";
import type { Outgoing } from "./request.js";
import type { Url } from "./url.js";

/** Counts the work of a client since its creation. */
export interface HttpCounters {
	/** Connections opened. */
	connections: number;
	/** Requests put on a connection, including redirects and replays: round trips. */
	requests: number;
	bytesSent: number;
	bytesReceived: number;
}

export interface Transport {
	readonly connect: Connect;
	readonly timer: Timer;
	limits: HttpLimits;
	readonly counters: HttpCounters;
}

/**
 * One stream and the wait on it. It holds at most one piece of input and reads the next one only on demand. One task at a
 * time may wait. Any failure closes the stream and is thrown to the waiting task or to the next caller.
 */
export class Connection {
	readonly origin: string;
	readonly #transport: Transport;
	readonly #stream: Stream;
	/** Called once, when the stream is closed or has ended. */
	readonly #gone: (connection: Connection) => void;
	#connected = false;
	#readable = 0;
	#writable = 0;
	/** True if the peer has ended the connection; `#reason` is missing if it ended in order. */
	#ended = false;
	#reason: string | undefined;
	#failure: HttpError | undefined;
	/** Input that was read and is not yet consumed. */
	#piece: Uint8Array | undefined;
	#wake: (() => void) | undefined;
	#alarm: TimerHandle | undefined;
	#idle = false;
	/** True if a byte of the current exchange was written; `#received` is true if one was read. */
	#sent = false;
	#received = false;

	constructor(url: Url, transport: Transport, gone: (connection: Connection) => void) {
		this.origin = url.origin;
		this.#transport = transport;
		this.#gone = gone;
		transport.counters.connections++;
		this.#stream = transport.connect({
			host: url.host,
			port: url.port,
			secure: url.scheme === "https",
			onReadable: (count) => this.#onReadable(count),
			onWritable: (count) => this.#onWritable(count),
			onError: (reason) => this.#onEnd(reason),
		});
	}

	/** True if a byte of the current exchange was written. */
	get sent(): boolean {
		return this.#sent;
	}

	/** Waits until the connection is established. Throws `HttpError` `ConnectFailed`, `ConnectTimeout`. */
	async open(timeout: number): Promise<void> {
		this.arm("ConnectTimeout", timeout);
		while (!this.#connected) {
			if (this.#ended) {
				throw this.#lost("ConnectFailed", `could not connect to ${this.origin}`);
			}
			await this.#event();
		}
		this.disarm();
	}

	/** True if nothing is left to read; otherwise closes the connection, since the rest would be taken for the next answer. */
	isQuiet(): boolean {
		if (this.#failure === undefined && (this.#stream.read(1)?.byteLength ?? 0) > 0) this.close();
		return this.#failure === undefined;
	}

	/** Starts an exchange on an established connection, new or kept. */
	begin(): void {
		this.disarm();
		this.#idle = this.#sent = this.#received = false;
		this.#transport.counters.requests++;
	}

	/**
	 * Writes until everything is sent, or until there is no room to write and the server has begun to answer: it may not want
	 * the rest. Throws `HttpError` `NoResponse`, `IdleTimeout`.
	 */
	async send(outgoing: Outgoing): Promise<void> {
		while (!outgoing.done) {
			this.arm("IdleTimeout", this.#transport.limits.idleTimeout);
			while (this.#writable === 0) {
				if (this.#readable > 0 || this.#piece !== undefined) {
					return;
				}
				this.#mustStand();
				await this.#event();
			}
			const bytes = outgoing.next(Math.min(this.#writable, PIECE));
			this.#mustStand();
			this.#sent = true;
			this.#writable -= bytes.length;
			this.#transport.counters.bytesSent += bytes.length;
			this.#stream.write(bytes);
		}
	}

	/**
	 * Returns the next bytes from the server: those that `consume` left, or a piece from the stream; `undefined` if the server
	 * has ended the connection in order. Throws `HttpError` `name`, or `NoResponse` before the first byte of a response.
	 */
	async input(name: "HeadCut" | "BodyCut"): Promise<Uint8Array | undefined> {
		while (!this.#hasInput(name)) await this.#event();
		return this.#piece;
	}

	/** Reads the next head, which may take `timeout` ms. Throws `HttpError` as `input` and the parser do. */
	async head(parser: HeadParser, timeout: number): Promise<Head> {
		this.arm("HeaderTimeout", timeout);
		for (;;) {
			while (!this.#hasInput("HeadCut")) await this.#event();
			if (this.#piece === undefined) throw this.cut("HeadCut");
			this.consume(parser.push(this.#piece));
			const head = parser.take();
			if (head !== undefined) {
				this.disarm();
				return head;
			}
		}
	}

	/** Marks `count` bytes of the last `input` as used. */
	consume(count: number): void {
		const piece = this.#piece!;
		this.#piece = count < piece.length ? piece.subarray(count) : undefined;
	}

	/** Creates the failure of a response that ended too early, in order or not. */
	cut(name: "HeadCut" | "BodyCut"): HttpError {
		const cut = this.#received ? name : "NoResponse";
		return this.#lost(cut, `${this.origin} ended the connection before the end of its response`);
	}

	/** Lets the connection fail with `name` after that many milliseconds, unless `disarm` or another `arm` comes first. */
	arm(name: "ConnectTimeout" | "HeaderTimeout" | "IdleTimeout", milliseconds: number): void {
		this.disarm();
		if (this.#failure !== undefined) {
			return;
		}
		this.#alarm = this.#transport.timer.set(() => {
			this.fail(new HttpError(name, `${this.origin} took more than ${milliseconds} ms`));
		}, milliseconds);
	}

	disarm(): void {
		if (this.#alarm !== undefined) {
			this.#transport.timer.clear(this.#alarm);
			this.#alarm = undefined;
		}
	}

	/**
	 * Keeps the connection for a later exchange. Returns `false` if it cannot serve one: bytes of this one are left, or it has
	 * ended.
	 */
	rest(): boolean {
		if (this.#failure !== undefined || this.#ended || this.#readable > 0 || this.#piece !== undefined) {
			this.close();
			return false;
		}
		this.#idle = true;
		this.#alarm = this.#transport.timer.set(() => this.close(), this.#transport.limits.keepTime);
		return true;
	}

	close(): void {
		this.fail(new HttpError("ClientClosed", `the connection to ${this.origin} was closed on this side`));
	}

	/** Closes the connection. Returns the first failure, which the waiting task gets too. */
	fail(error: HttpError): HttpError {
		if (this.#failure === undefined) {
			error.sent ||= this.#sent;
			this.#failure = error;
			this.#piece = undefined;
			this.disarm();
			this.#stream.close();
			this.#gone(this);
			this.#wakeUp();
		}
		return this.#failure;
	}

	/** True if `#piece` is the next input: bytes, or `undefined` at the end in order. Throws `HttpError`. */
	#hasInput(name: "HeadCut" | "BodyCut"): boolean {
		while (this.#piece === undefined && this.#failure === undefined && this.#readable > 0) this.#readPiece();
		if (this.#piece !== undefined) return true;
		if (this.#failure !== undefined) throw this.#failure;
		if (!this.#ended) return false;
		if (this.#reason === undefined) return true;
		throw this.cut(name);
	}

	#readPiece(): void {
		const buffer = this.#stream.read(Math.min(this.#readable, PIECE));
		if (buffer === undefined || buffer.byteLength === 0) {
			this.#readable = 0;
			return;
		}
		this.#readable = Math.max(0, this.#readable - buffer.byteLength);
		this.#received = true;
		this.#transport.counters.bytesReceived += buffer.byteLength;
		this.#piece = new Uint8Array(buffer);
	}

	#lost(name: HttpErrorName, message: string): HttpError {
		return this.fail(new HttpError(name, this.#reason === undefined ? message : `${message}: ${this.#reason}`));
	}

	/** Throws if the connection cannot be written to. */
	#mustStand(): void {
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
		if (this.#ended) {
			throw this.#lost("NoResponse", `${this.origin} ended the connection while the request was sent`);
		}
	}

	/** Waits for the stream's next callback. Throws the connection's failure. */
	#event(): Promise<void> {
		return new Promise((resolve, reject) => {
			const wake = () => (this.#failure === undefined ? resolve() : reject(this.#failure));
			if (this.#failure === undefined) this.#wake = wake;
			else wake();
		});
	}

	#wakeUp(): void {
		const wake = this.#wake;
		this.#wake = undefined;
		wake?.();
	}

	#onReadable(count: number): void {
		this.#readable = count;
		// Unsolicited bytes would be taken for the answer to the next request (RFC 9112 §9.3).
		if (this.#idle && count > 0) {
			this.close();
		}
		this.#wakeUp();
	}

	#onWritable(count: number): void {
		this.#connected = true;
		this.#writable = count;
		this.#wakeUp();
	}

	#onEnd(reason: string | undefined): void {
		this.#ended = true;
		this.#reason = reason;
		if (this.#idle) {
			this.close();
		}
		this.#wakeUp();
	}
}
