import type { Connect, Stream, StreamOptions } from "../../../src/device/stream.js";

/** The device's end of a connection whose other end is a test. It holds the client to the contract of `stream.ts`. */
export class FakeStream implements Stream {
	readonly options: StreamOptions;
	/** All that the client wrote, one character a byte. */
	written = "";
	/** The sizes of the client's writes. */
	readonly writes: number[] = [];
	/** How often the client asked for bytes. */
	reads = 0;
	closed = false;
	/** Called after each write. */
	onWrite: () => void = () => {};
	/** Called when the client has read all there was. */
	onDrained: () => void = () => {};
	#over = false;
	#writable = 0;
	#buffer: number[] = [];
	#ending = false;

	constructor(options: StreamOptions) {
		this.options = options;
	}

	get unread(): number {
		return this.#buffer.length;
	}

	read(count: number): ArrayBuffer | undefined {
		this.#mustBeOpen("read");
		this.reads++;
		if (this.#buffer.length === 0) return undefined;
		const bytes = Uint8Array.from(this.#buffer.splice(0, count));
		if (this.#buffer.length === 0) {
			queueMicrotask(() => {
				if (!this.#over && this.#ending) this.fail(undefined);
				else if (!this.#over) this.onDrained();
			});
		}
		return bytes.buffer;
	}

	write(bytes: Uint8Array): void {
		this.#mustBeOpen("write");
		if (bytes.length > this.#writable) throw new Error(`wrote ${bytes.length} of ${this.#writable} bytes`);
		this.#writable -= bytes.length;
		this.writes.push(bytes.length);
		this.written += Buffer.from(bytes).toString("latin1");
		this.onWrite();
	}

	close(): void {
		this.closed = this.#over = true;
	}

	/** Gives the client room to write `count` bytes, in all. The first call opens the connection. */
	accept(count: number): void {
		if (this.#over) return;
		this.#writable = count;
		this.options.onWritable(count);
	}

	/** Bytes from the server. */
	receive(bytes: string | Uint8Array): void {
		if (this.#over) return;
		this.#buffer.push(...(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes));
		this.options.onReadable(this.#buffer.length);
	}

	/** The server ends the connection in order. */
	end(): void {
		this.#ending = true;
		if (this.#buffer.length === 0 && !this.#over) this.fail(undefined);
	}

	/** The connection fails. */
	fail(reason: string | undefined): void {
		if (this.#over) return;
		this.#over = true;
		this.options.onError(reason);
	}

	#mustBeOpen(what: string): void {
		if (this.#over) throw new Error(`${what} on a stream that is over`);
	}
}

/** A network on which each new connection is handed to a test. */
export class FakeNetwork {
	readonly streams: FakeStream[] = [];
	readonly connect: Connect;

	constructor(onConnect: (stream: FakeStream, number: number) => void) {
		this.connect = (options) => {
			const stream = new FakeStream(options);
			this.streams.push(stream);
			queueMicrotask(() => onConnect(stream, this.streams.length - 1));
			return stream;
		};
	}

	/** Connections that neither side has closed. */
	get open(): number {
		return this.streams.filter((stream) => !stream.closed).length;
	}
}

/** The pieces of `text`, cut at these positions. */
export function cutAt(text: string, ...positions: number[]): string[] {
	const edges = [0, ...positions, text.length];
	return edges.slice(1).map((edge, i) => text.slice(edges[i], edge));
}

/**
 * A server that answers the n-th request on any connection with the pieces of the n-th response, each sent when the one
 * before has been read, and then, if `end`, ends the connection. It knows a request's end by its Content-Length.
 */
export function serving(responses: readonly (readonly string[])[], end = false): FakeNetwork {
	let served = 0;
	return new FakeNetwork((stream) => {
		let rest: string[] = [];
		const next = () => {
			const piece = rest.shift();
			if (piece !== undefined) stream.receive(piece);
			else if (end) stream.end();
		};
		stream.onDrained = next;
		let seen = 0;
		stream.onWrite = () => {
			const text = stream.written.slice(seen);
			const head = text.indexOf("\r\n\r\n") + 4;
			const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
			if (head >= 4 && text.length >= head + length) {
				seen = stream.written.length;
				rest = (responses[served++] ?? []).filter((piece) => piece !== "");
				queueMicrotask(next);
			}
			queueMicrotask(() => stream.accept(65_536));
		};
		stream.accept(65_536);
	});
}
