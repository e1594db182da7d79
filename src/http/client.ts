/**
 * HTTP/1.1 client, RFC 9110 and RFC 9112, over any byte stream: for devices with few sockets and little memory, and for
 * requests that carry money. It holds one head and one piece of a body at a time, bounds every size and every wait, keeps
 * connections for the next request to the same origin, and reports with each failure whether anything had been sent.
 *
 * Not supported: caches, cookies, proxies, content codings (it asks for `identity`), pipelining, upgrades.
 *
 * @module
 */

import type { Connect } from "../device/stream.js";
import type { Timer, TimerHandle } from "../device/timer.js";
import { bodyOf } from "./body.js";
import type { BodyParser } from "./body_parser.js";
import type { Connection, HttpCounters, Transport } from "./connection.js";
import { HttpError } from "./errors.js";
import { type Head, HeadParser } from "./head.js";
import { defaultLimits, type HttpLimits, type Waits } from "./limits.js";
import { Pool } from "./pool.js";
import { type Hop, redirectOf } from "./redirect.js";
import { checkRequest, type HttpRequest, Outgoing } from "./request.js";
import { HttpResponse } from "./response.js";
import { parseUrl } from "./url.js";

export interface HttpClientOptions {
	readonly connect: Connect;
	readonly timer: Timer;
	/** Overrides of `defaultLimits`. */
	readonly limits?: Partial<HttpLimits>;
	/** Called with the `Date` of each response and the origin of the server. */
	readonly onDate?: (date: string, origin: string) => void;
	/** Called before each request. If it throws, the request is refused with that error. */
	readonly onRequest?: () => void;
}

/**
 * @example
 * const client = new HttpClient({ connect: port.connect, timer: port.timer });
 * const response = await client.request({ method: "GET", url: "http://127.0.0.1:4021/weather" });
 * for (let piece = await response.read(); piece !== undefined; piece = await response.read()) sink(piece);
 */
export class HttpClient {
	readonly counters: HttpCounters = { connections: 0, requests: 0, bytesSent: 0, bytesReceived: 0 };
	readonly #transport: Transport;
	readonly #pool: Pool;
	readonly #onDate: HttpClientOptions["onDate"];
	readonly #onRequest: HttpClientOptions["onRequest"];
	/** The exchange that began last. */
	#exchange: HttpExchange | undefined;

	constructor({ connect, timer, limits, onDate, onRequest }: HttpClientOptions) {
		this.#transport = { connect, timer, limits: { ...defaultLimits, ...limits }, counters: this.counters };
		this.#pool = new Pool(this.#transport);
		this.#onDate = onDate;
		this.#onRequest = onRequest;
	}

	/**
	 * Sends a request, and follows redirects if the request allows them. Resolves when the head of the final response has
	 * arrived, whatever its status. Rejects with `HttpError`; its `sent` is true if a server may have seen any of the request.
	 */
	async request(request: HttpRequest): Promise<HttpResponse> {
		checkRequest(request);
		this.#onRequest?.();
		const exchange = new HttpExchange(this.#transport, request.waits);
		this.#exchange = exchange;
		try {
			// Unwinds the stack first: the caller is some ten functions deep, and what follows is as many.
			await undefined;
			// Hops are followed here, since each suspended function takes more than a kilobyte.
			let hop: Hop = { request, url: parseUrl(request.url) };
			for (let followed = 0; ; followed++) {
				const answer = await this.#answer(hop, exchange);
				const next = redirectFrom(hop, answer, followed);
				const response = this.#response(hop, exchange, answer, next === undefined);
				if (next === undefined) return response;
				await response.discard();
				response.release();
				hop = next;
			}
		} catch (error) {
			exchange.end();
			if (error instanceof HttpError) {
				error.sent ||= exchange.sent;
				error.isRepeatable = !error.sent || isIdempotent(request.method);
			}
			throw error;
		}
	}

	/** The longest that the exchange in progress may take in total, in ms; 0 if there is none. */
	get patience(): number {
		return this.#exchange?.isOver === false ? this.#exchange.waits.exchangeTimeout : 0;
	}

	/** Sets `HttpLimits.largeBytes` for all later requests. */
	setLargeBytes(largeBytes: number): void {
		this.#transport.limits = { ...this.#transport.limits, largeBytes };
	}

	/** Closes every connection. Requests in flight fail with `ClientClosed`. */
	close(): void {
		this.#pool.close();
	}

	/** Builds the response that `answer` begins. Throws `HttpError` as `bodyOf` does, after closing the connection. */
	#response(hop: Hop, exchange: HttpExchange, answer: HopAnswer, isFinal: boolean): HttpResponse {
		const { connection, head, mayKeep, isReused } = answer;
		let body: BodyParser;
		try {
			body = bodyOf(head, hop.request.method);
		} catch (error) {
			throw failed(connection, error);
		}
		return new HttpResponse(head, hop.url, body, connection, this.#transport.limits, {
			isReused,
			isRepeatable: isIdempotent(hop.request.method),
			isHeld: hop.request.isHeld ?? false,
			idleTimeout: exchange.waits.idleTimeout,
			finished: () => {
				if (mayKeep) {
					this.#pool.keep(connection);
				} else {
					connection.close();
				}
				if (isFinal) {
					exchange.end();
				}
			},
			another: async (milliseconds) => {
				try {
					if (mayKeep) {
						const next = await finalHead(connection, new HeadParser(this.#transport.limits), milliseconds);
						return this.#response(hop, exchange, { ...answer, head: next, mayKeep: persists(next) }, true);
					}
				} catch (error) {
					if (!(error instanceof HttpError)) throw error;
				}
				connection.close();
				exchange.end();
				return undefined;
			},
		});
	}

	/**
	 * Gets the head of the response: over a kept connection if there is one, and over a new one if there is none or it was
	 * dead.
	 */
	#answer(hop: Hop, exchange: HttpExchange): Promise<HopAnswer> {
		const kept = hop.request.isFresh ? undefined : this.#pool.take(hop.url);
		if (kept === undefined) return this.#converse(this.#pool.open(hop.url), hop, exchange, false);
		return this.#converse(kept, hop, exchange, true).catch((error) => {
			const dead = error instanceof HttpError && error.name === "NoResponse";
			if (!dead || (kept.sent && !isReplayable(hop.request))) throw error;
			return this.#converse(this.#pool.open(hop.url), hop, exchange, false);
		});
	}

	async #converse(
		connection: Connection,
		{ request, url }: Hop,
		exchange: HttpExchange,
		isReused: boolean,
	): Promise<HopAnswer> {
		exchange.connection = connection;
		if (!isReused) await connection.open(exchange.waits.connectTimeout);
		connection.begin();
		const outgoing = new Outgoing(request, url);
		const parser = new HeadParser(this.#transport.limits);
		try {
			for (;;) {
				await connection.send(outgoing);
				const head = await connection.head(parser, exchange.waits.headerTimeout);
				if (head.status === 101) {
					throw new HttpError("UpgradeUnexpected", "the server switched protocols (101) without being asked to");
				}
				// Other interim responses (RFC 9110 §15.2) carry nothing that matters here.
				if (head.status >= 200) {
					const date = head.headers.get("date");
					if (date !== undefined) this.#onDate?.(date, url.origin);
					return { connection, head, mayKeep: outgoing.done && persists(head), isReused };
				}
			}
		} catch (error) {
			throw failed(connection, error);
		} finally {
			exchange.sent ||= connection.sent;
		}
	}
}

/** Reads the head of the next response on `connection` that is not an interim one. */
async function finalHead(connection: Connection, parser: HeadParser, timeout: number): Promise<Head> {
	for (;;) {
		const head = await connection.head(parser, timeout);
		if (head.status >= 200) return head;
	}
}

/** Returns the next hop, if the answer is a redirect to be followed. Throws `HttpError`, after closing the connection. */
function redirectFrom(hop: Hop, { connection, head }: HopAnswer, followed: number): Hop | undefined {
	try {
		return redirectOf(hop, head, followed);
	} catch (error) {
		throw failed(connection, error);
	}
}

/** The answer to one hop of a request. */
interface HopAnswer {
	readonly connection: Connection;
	readonly head: Head;
	/** True if the connection can serve another request once the body has been read. */
	readonly mayKeep: boolean;
	/** True if the connection had served a request before. */
	readonly isReused: boolean;
}

/** State that lasts from `request` to the end of the response, over all hops: the time limit, and whether bytes have left. */
class HttpExchange {
	/** The connection that the time limit closes. */
	connection: Connection | undefined;
	sent = false;
	isOver = false;
	readonly waits: Waits;
	readonly #timer: Timer;
	readonly #alarm: TimerHandle;

	constructor({ timer, limits }: Transport, waits: Partial<Waits> = {}) {
		this.waits = {
			connectTimeout: waits.connectTimeout ?? limits.connectTimeout,
			headerTimeout: waits.headerTimeout ?? limits.headerTimeout,
			idleTimeout: waits.idleTimeout ?? limits.idleTimeout,
			exchangeTimeout: waits.exchangeTimeout ?? limits.exchangeTimeout,
		};
		this.#timer = timer;
		const { exchangeTimeout } = this.waits;
		this.#alarm = timer.set(() => {
			const message = `the exchange took more than ${exchangeTimeout} ms`;
			this.connection?.fail(new HttpError("ExchangeTimeout", message));
		}, exchangeTimeout);
	}

	end(): void {
		this.isOver = true;
		this.#timer.clear(this.#alarm);
	}
}

/** True if the connection persists, RFC 9112 §9.3. A connection of HTTP/1.0 is never kept. */
function persists(head: Head): boolean {
	if (head.minor !== 1 || head.headers.isTooLong("connection")) return false;
	return !head.headers.getAll("connection").some(saysClose);
}

/** True if a list of connection options (RFC 9110 §7.6.1) contains `close`; makes no string for each option. */
function saysClose(list: string): boolean {
	const lower = list.toLowerCase();
	for (let at = lower.indexOf("close"); at >= 0; at = lower.indexOf("close", at + 1)) {
		if (isEdge(lower, at - 1) && isEdge(lower, at + "close".length)) return true;
	}
	return false;
}

function isEdge(list: string, at: number): boolean {
	return at < 0 || at >= list.length || " \t,".includes(list.charAt(at));
}

/** True for the idempotent methods of RFC 9110 §9.2.2. */
function isIdempotent(method: string): boolean {
	return ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].includes(method);
}

/** True if sending the request twice is harmless: RFC 9110 §9.2.2, and no money in it. */
function isReplayable(request: HttpRequest): boolean {
	const safe = request.method === "GET" || request.method === "HEAD";
	return request.replayable ?? (safe && request.body === undefined && (request.credentials ?? []).length === 0);
}

/** Closes the connection. Returns the error to throw: the connection's first failure, or an error that is no HTTP failure. */
function failed(connection: Connection, error: unknown): unknown {
	if (error instanceof HttpError) {
		return connection.fail(error);
	}
	connection.close();
	return error;
}
