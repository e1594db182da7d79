import { Connection, type Transport } from "./connection.js";
import { HttpError } from "./errors.js";
import type { Url } from "./url.js";

/** All connections of a client: those in use, and a few that are kept for the next request to their origin. */
export class Pool {
	readonly #transport: Transport;
	#all: Connection[] = [];
	/** Ordered by disuse: the longest unused first. */
	#idle: Connection[] = [];

	constructor(transport: Transport) {
		this.#transport = transport;
	}

	/** Takes a kept connection to `url`'s origin into use, if there is one. */
	take(url: Url): Connection | undefined {
		const kept = this.#idle.find((connection) => connection.origin === url.origin);
		this.#idle = this.#idle.filter((connection) => connection !== kept);
		return kept?.isQuiet() ? kept : undefined;
	}

	/** Starts to open a connection; closes an unused one if necessary. Throws `HttpError` `TooManySockets`. */
	open(url: Url): Connection {
		if (this.#all.length >= this.#transport.limits.sockets) {
			this.#idle[0]?.close();
		}
		if (this.#all.length >= this.#transport.limits.sockets) {
			throw new HttpError(
				"TooManySockets",
				`all ${this.#transport.limits.sockets} connections are in use: read, discard or close a response first`,
			);
		}
		const connection = new Connection(url, this.#transport, (gone) => this.#forget(gone));
		this.#all.push(connection);
		return connection;
	}

	/** Keeps a connection that is no longer in use, if it can be used again. */
	keep(connection: Connection): void {
		if (connection.rest()) {
			this.#idle.push(connection);
			if (this.#idle.length > this.#transport.limits.idleSockets) {
				this.#idle[0]!.close();
			}
		}
	}

	close(): void {
		for (const connection of this.#all) {
			connection.close();
		}
	}

	#forget(gone: Connection): void {
		this.#all = this.#all.filter((connection) => connection !== gone);
		this.#idle = this.#idle.filter((connection) => connection !== gone);
	}
}
