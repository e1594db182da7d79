import { decode } from "../../modules/encoding/utf8.js";
import type { BodyParser } from "./body_parser.js";
import type { Connection } from "./connection.js";
import { HttpError, type HttpErrorName } from "./errors.js";
import type { Head } from "./head.js";
import type { HeaderList } from "./header_list.js";
import type { HttpLimits } from "./limits.js";
import type { Url } from "./url.js";

/** The buffer of `bytes` grows by at least this much. */
const STEP = 1_024;
/** Up to this limit the whole buffer is allocated at once: a growing buffer is in memory twice each time it grows. */
const SMALL = 12_288;

/** A response's place on its connection. */
export interface ResponseContext {
	/** True if the connection had served a request before: bytes on it may answer that one. */
	readonly isReused: boolean;
	/** True if a repeat, after the body was lost, cannot have an effect twice. */
	readonly isRepeatable: boolean;
	/** True if the connection is held after the body's end, until `release`. */
	readonly isHeld: boolean;
	/** Milliseconds between two pieces of the body. */
	readonly idleTimeout: number;
	/** Called once, when the connection is no longer needed or has failed. */
	finished(): void;
	/** Waits that many milliseconds for another response on the connection. */
	another(milliseconds: number): Promise<HttpResponse | undefined>;
}

/**
 * A response whose head has arrived. The body is read from the connection on demand, and holds the connection until it has
 * been read to its end, discarded or closed. One of the three must happen; otherwise the exchange's timeout closes it.
 */
export class HttpResponse {
	readonly status: number;
	readonly headers: HeaderList;
	/** The address of the server that answered, after redirects. */
	readonly url: Url;
	readonly #body: BodyParser;
	readonly #connection: Connection;
	readonly #limits: HttpLimits;
	readonly #context: ResponseContext;
	#ended = false;
	#released = false;

	constructor(
		head: Head,
		url: Url,
		body: BodyParser,
		connection: Connection,
		limits: HttpLimits,
		context: ResponseContext,
	) {
		this.status = head.status;
		this.headers = head.headers;
		this.url = url;
		this.#body = body;
		this.#connection = connection;
		this.#limits = limits;
		this.#context = context;
		if (body.done) {
			this.#end();
		}
	}

	/** True if the connection had served a request before: the response may be a late one to that request. */
	get isReused(): boolean {
		return this.#context.isReused;
	}

	/**
	 * Returns the next piece of the body, at most about 1 KB, owned by the caller; `undefined` at the end. Only this call reads
	 * from the network. One call at a time.
	 *
	 * Throws `HttpError` `BodyCut`, `IdleTimeout`, `ExchangeTimeout`, `ClientClosed`, and those of a chunked body.
	 */
	async read(): Promise<Uint8Array | undefined> {
		try {
			while (!this.#ended) {
				this.#connection.arm("IdleTimeout", this.#context.idleTimeout);
				const piece = await this.#connection.input("BodyCut");
				this.#connection.disarm();
				const data = this.#take(piece);
				if (data.length > 0) {
					return data;
				}
			}
			return undefined;
		} catch (error) {
			this.#end();
			if (error instanceof HttpError) error.isRepeatable = this.#context.isRepeatable;
			throw error;
		}
	}

	/** Reads the whole body. Throws `HttpError` `BodyTooLarge` if it has more than `limit` bytes, and what `read` throws. */
	async bytes(limit: number): Promise<Uint8Array> {
		const size = this.#body.rest;
		if (size !== undefined && size > limit) {
			throw this.#tooLarge(limit);
		}
		let bytes = new Uint8Array(size ?? 0);
		let length = 0;
		for (let piece = await this.read(); piece !== undefined; piece = await this.read()) {
			if (length + piece.length > limit) {
				throw this.#tooLarge(limit);
			}
			if (length + piece.length > bytes.length) {
				const more = limit <= SMALL ? limit : Math.max(STEP, piece.length, length >> 1);
				const larger = new Uint8Array(Math.min(limit, length + more));
				larger.set(bytes);
				bytes = larger;
			}
			bytes.set(piece, length);
			length += piece.length;
		}
		return bytes.subarray(0, length);
	}

	/** Reads the whole body, up to the limit on any value that is held whole. Throws as `bytes` does. */
	large(): Promise<Uint8Array> {
		return this.bytes(this.#limits.largeBytes);
	}

	/** Reads the whole body as UTF-8. Throws `HttpError` `BodyNotUtf8`, and what `bytes` throws. */
	async text(limit: number): Promise<string> {
		const bytes = await this.bytes(limit);
		try {
			return decode(bytes);
		} catch {
			throw this.#refusal("BodyNotUtf8", `expected UTF-8 in the ${bytes.length} bytes of the body`);
		}
	}

	/**
	 * Reads and drops a short rest of the body, so that the connection can be used again; closes the connection if the rest is
	 * long.
	 */
	async discard(): Promise<void> {
		const limit = this.#limits.discardBytes;
		if (this.#body.untilClose || (this.#body.rest ?? 0) > limit) {
			this.close();
		}
		try {
			for (let read = 0; !this.#ended; ) {
				const piece = await this.read();
				read += piece?.length ?? 0;
				if (read > limit) {
					this.close();
				}
			}
		} catch {
			// The connection has failed and is closed: the body was not wanted anyway.
		}
	}

	/** Gives up the body: closes the connection unless all of the body was read. Idempotent. */
	close(): void {
		if (!this.#ended) {
			this.#connection.close();
			this.#end();
		}
	}

	/**
	 * Waits for a second response on a held connection (`isHeld`) without sending a request: if one comes, this one answered an
	 * earlier request. Returns `undefined` if none begins within that many milliseconds.
	 */
	async another(milliseconds: number): Promise<HttpResponse | undefined> {
		if (!this.#ended || this.#released) return undefined;
		this.#released = true;
		return this.#context.another(milliseconds);
	}

	/** Gives up the body and a held connection. Idempotent. */
	release(): void {
		this.close();
		this.#release();
	}

	/** Returns the body's bytes in the next piece, perhaps none. */
	#take(piece: Uint8Array | undefined): Uint8Array {
		const connection = this.#connection;
		if (piece === undefined) {
			if (!this.#body.untilClose) {
				throw connection.cut("BodyCut");
			}
			this.close();
			return new Uint8Array(0);
		}
		try {
			const { used, data } = this.#body.take(piece);
			connection.consume(used);
			if (this.#body.done) {
				this.#end();
			}
			return data;
		} catch (error) {
			throw error instanceof HttpError ? connection.fail(error) : error;
		}
	}

	#tooLarge(limit: number): HttpError {
		this.close();
		return this.#refusal("BodyTooLarge", `the body has more than the ${limit} bytes that this device takes there`);
	}

	/** Creates the refusal of a body that arrived in order; the connection may already serve another request. */
	#refusal(name: HttpErrorName, message: string): HttpError {
		const error = new HttpError(name, `${this.url.origin}: ${message}`);
		error.sent = true;
		error.isRepeatable = this.#context.isRepeatable;
		return error;
	}

	#end(): void {
		if (!this.#ended) {
			this.#ended = true;
			if (!this.#context.isHeld) this.#release();
		}
	}

	#release(): void {
		if (!this.#released) {
			this.#released = true;
			this.#context.finished();
		}
	}
}
