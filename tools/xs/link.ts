/**
 * The modem's end of the link (hal/xs/link.md): frames on two byte streams, real sockets behind them.
 * @module
 */
import net from "node:net";
import type { Readable, Writable } from "node:stream";
import tls from "node:tls";
import { LineSplitter } from "../../hal/node/lines.js";
import type { ConsoleStreams } from "../../hal/node/stream_console.js";

/** The credit that modem and device grant each other for a stream; also the longest data frame. */
export const WINDOW = 2048;
const HEADER = 4;
const REASON_MAX = 255;
/** The time that a socket has to finish once the device is dead, in milliseconds. */
const LINGER = 2000;

const OPEN = 1;
const DATA = 2;
const CREDIT = 3;
const CLOSE = 4;
const EVENT = 5;
const REPORT = 6;
const END = 7;
const ERROR = 8;
const LINE = 9;

export interface LinkOptions {
	/** Bytes to the device. */
	readonly toDevice: Writable;
	/** Bytes from the device. Its end is the device's. */
	readonly fromDevice: Readable;
	/** The device's event, as JSON text. */
	onEvent(text: string): void;
	/** The device's report at its end, as JSON text. */
	onReport(text: string): void;
	/** A certificate (PEM) to trust beside the well-known ones. */
	readonly ca?: string | undefined;
	/** The owner's console. When its input ends, the device is switched off. */
	readonly console?: ConsoleStreams | undefined;
}

/** Serves one device. Resolves once the device is silent and the last socket closed. */
export async function serveLink(options: LinkOptions): Promise<void> {
	const modem = new Modem(options);
	// A dead device leaves a broken pipe behind; its side of the story is the end of `fromDevice`.
	options.toDevice.on("error", () => {});
	options.console?.input.on("end", () => options.toDevice.end());
	try {
		for await (const chunk of options.fromDevice) modem.take(chunk as Buffer);
	} finally {
		await modem.end();
	}
}

class Modem {
	readonly #options: LinkOptions;
	readonly #streams = new Map<number, Stream>();
	#pending: Buffer = Buffer.alloc(0);

	constructor(options: LinkOptions) {
		this.#options = options;
		const lines = new LineSplitter((line) => this.send(LINE, 0, line));
		options.console?.input.on("data", (bytes: Buffer) => lines.push(bytes));
	}

	take(chunk: Buffer): void {
		this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
		for (;;) {
			if (this.#pending.length < 2) return;
			const end = 2 + this.#pending.readUInt16LE(0);
			if (this.#pending.length < end) return;
			const frame = this.#pending.subarray(0, end);
			this.#pending = this.#pending.subarray(end);
			this.#receive(frame[2]!, frame[3]!, frame.subarray(HEADER));
		}
	}

	/** The device is silent: what it sent goes on its way, then the sockets end. */
	async end(): Promise<void> {
		await Promise.all([...this.#streams.values()].map((stream) => stream.finish()));
	}

	#receive(type: number, id: number, data: Buffer): void {
		if (type === OPEN) {
			this.#streams.get(id)?.destroy();
			this.#streams.set(id, new Stream(this, id, data, this.#options.ca));
		} else if (type === DATA) this.#streams.get(id)?.write(data);
		else if (type === CREDIT) this.#streams.get(id)?.grant(data.readUInt16LE(0));
		else if (type === CLOSE) {
			this.#streams.get(id)?.destroy();
			this.#streams.delete(id);
		} else if (type === EVENT) this.#options.onEvent(data.toString());
		else if (type === LINE) this.#options.console?.onLine(data.toString());
		else if (type === REPORT) this.#options.onReport(data.toString());
	}

	send(type: number, id: number, data: Buffer): void {
		const frame = Buffer.alloc(HEADER + data.length);
		frame.writeUInt16LE(2 + data.length, 0);
		frame[2] = type;
		frame[3] = id;
		data.copy(frame, HEADER);
		if (!this.#options.toDevice.writableEnded) this.#options.toDevice.write(frame);
	}

	/** The stream is over on the socket's side. */
	drop(id: number, stream: Stream): void {
		if (this.#streams.get(id) === stream) this.#streams.delete(id);
	}
}

/** One socket. Bytes from it wait here, the socket paused, until the device has room. */
class Stream {
	readonly #modem: Modem;
	readonly #id: number;
	readonly #socket: net.Socket;
	#credit: number;
	#waiting: Buffer = Buffer.alloc(0);
	/** The socket's end, which follows the bytes that still wait for the device. */
	#outcome: { readonly type: number; readonly reason: string } | undefined;
	#silent = false;

	constructor(modem: Modem, id: number, data: Buffer, ca: string | undefined) {
		const port = data.readUInt16LE(0);
		const secure = data[2] === 1;
		const host = data.toString("utf8", 5);
		this.#modem = modem;
		this.#id = id;
		this.#credit = data.readUInt16LE(3);
		this.#socket = secure ? connectSecure(host, port, ca) : net.connect({ host, port, allowHalfOpen: true });
		this.#socket.setNoDelay(true);
		this.#socket.once(secure ? "secureConnect" : "connect", () => this.#grantDevice(WINDOW));
		this.#socket.on("data", (bytes) => this.#fromSocket(bytes));
		this.#socket.on("end", () => this.#ended(END, ""));
		this.#socket.on("error", (error) => this.#ended(ERROR, reasonOf(error)));
		this.#socket.on("close", () => this.#ended(ERROR, "the connection closed"));
	}

	write(bytes: Buffer): void {
		this.#socket.write(bytes, (error) => {
			if (!error) this.#grantDevice(bytes.length);
		});
	}

	grant(count: number): void {
		this.#credit += count;
		this.#forward();
	}

	destroy(): void {
		this.#silent = true;
		this.#socket.destroy();
	}

	/** Flushes what was written, reads the peer out for a moment, and closes. */
	finish(): Promise<void> {
		this.#silent = true;
		return new Promise((resolve) => {
			if (this.#socket.closed) {
				resolve();
				return;
			}
			if (this.#socket.connecting) this.#socket.destroy();
			const timer = setTimeout(() => this.#socket.destroy(), LINGER);
			this.#socket.once("close", () => {
				clearTimeout(timer);
				resolve();
			});
			this.#waiting = Buffer.alloc(0);
			this.#socket.end();
			this.#socket.resume();
		});
	}

	#fromSocket(bytes: Buffer): void {
		if (this.#silent) return;
		this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
		this.#forward();
	}

	#forward(): void {
		if (this.#silent) return;
		while (this.#waiting.length > 0 && this.#credit > 0) {
			const count = Math.min(this.#waiting.length, this.#credit, WINDOW);
			this.#modem.send(DATA, this.#id, this.#waiting.subarray(0, count));
			this.#waiting = this.#waiting.subarray(count);
			this.#credit -= count;
		}
		if (this.#waiting.length > 0) this.#socket.pause();
		else if (this.#outcome === undefined) this.#socket.resume();
		else {
			this.#silent = true;
			this.#modem.send(this.#outcome.type, this.#id, Buffer.from(this.#outcome.reason).subarray(0, REASON_MAX));
			this.#modem.drop(this.#id, this);
			this.#socket.end();
		}
	}

	/** The first end counts; a socket closes after an orderly end, too. */
	#ended(type: number, reason: string): void {
		this.#outcome ??= { type, reason };
		this.#forward();
	}

	#grantDevice(count: number): void {
		if (this.#silent) return;
		const data = Buffer.alloc(2);
		data.writeUInt16LE(count, 0);
		this.#modem.send(CREDIT, this.#id, data);
	}
}

function connectSecure(host: string, port: number, ca: string | undefined): net.Socket {
	return tls.connect({
		host,
		port,
		// An IP address is no server name (RFC 6066 §3); the certificate is checked against it all the same.
		...(net.isIP(host) === 0 ? { servername: host } : {}),
		...(ca === undefined ? {} : { ca: [...tls.rootCertificates, ca] }),
		rejectUnauthorized: true,
		minVersion: "TLSv1.2",
	});
}

function reasonOf(error: Error & { code?: string; errors?: readonly Error[] }): string {
	// A name with several addresses fails with one error for each; the first says it.
	const first = error.errors?.[0] ?? error;
	return first.message || error.code || "the connection failed";
}
