/** Requests and their wire format: RFC 9112 §3, §5, §6. */
import { VERSION } from "../version.js";
import { isFieldCharacter, isToken, isUriText } from "./ascii.js";
import { HttpError } from "./errors.js";
import type { Waits } from "./limits.js";
import type { Url } from "./url.js";

/** A header's name and value. */
export type Header = readonly [name: string, value: string];

/** A value that is too long to hold in memory: its parts, in plain ASCII, are made each time it is sent. */
export interface LongValue {
	parts(): Iterable<string>;
}

/** A header for only one origin. */
export type Credential = readonly [name: string, value: string | LongValue];

export interface HttpRequest {
	readonly method: string;
	readonly url: string;
	readonly headers?: readonly Header[];
	/** Headers only for the origin of `url`, a payment among them. No redirect takes them to another origin. */
	readonly credentials?: readonly Credential[];
	readonly body?: Uint8Array;
	/** Replaces `identity` by an equivalent (RFC 9110 §12.5.3), for a server that wants it spelt out. */
	readonly acceptEncoding?: "identity;q=1, *;q=0";
	/**
	 * True if the client itself may send the request again, on a new connection, if a kept one turns out to be dead before any
	 * byte of a response. By default: a GET or HEAD that has neither body nor credentials.
	 */
	readonly replayable?: boolean;
	/** Forces a new connection, which no answer to an earlier request can reach. */
	readonly isFresh?: boolean;
	/** Holds the connection after the response has been read, for `HttpResponse.another`, until `HttpResponse.release`. */
	readonly isHeld?: boolean;
	/** Overrides of the client's limits. */
	readonly waits?: Partial<Waits>;
	/** If absent, a 3xx response is returned as is. */
	readonly redirects?: {
		/** The most redirects that are followed. */
		readonly limit: number;
		/** Called before a redirect to another origin; `false` refuses it. */
		allowed(url: Url): boolean;
	};
}

/** Headers that the client writes itself, or that change the connection. */
const RESERVED: readonly string[] = Object.freeze([
	"accept-encoding",
	"connection",
	"content-length",
	"expect",
	"host",
	"keep-alive",
	"proxy-connection",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
]);

/**
 * Headers sent unless the request has its own. RFC 9110 §10.1.5 recommends the first, and firewalls refuse requests without
 * it; the second accepts any type (§12.5.1), as every client does.
 */
const DEFAULTS: readonly Header[] = Object.freeze([
	Object.freeze(["User-Agent", `micropayer/${VERSION}`] as const),
	Object.freeze(["Accept", "*/*"] as const),
]);

/** Headers that are always credentials: among `headers`, a redirect would forward them. */
const CREDENTIALS: readonly string[] = Object.freeze(["authorization", "cookie", "proxy-authorization"]);

/** True of the name of a header that belongs to the credentials. */
export function isCredential(name: string): boolean {
	return CREDENTIALS.includes(name.toLowerCase());
}

/**
 * Refuses a request that would not be exactly one request on the wire (RFC 9112 §11.1). Throws `HttpError` `MethodInvalid`,
 * `HeaderInvalid`, `HeaderReserved`.
 */
export function checkRequest(request: HttpRequest): void {
	if (!isToken(request.method) || request.method === "CONNECT") {
		throw new HttpError("MethodInvalid", `expected a method such as GET, got ${JSON.stringify(request.method)}`);
	}
	for (const [name, value] of request.headers ?? []) {
		checkHeader(name, value);
		if (isCredential(name)) {
			throw new HttpError("HeaderReserved", `"${name}" must be among the credentials, not the headers`);
		}
	}
	for (const [name, value] of request.credentials ?? []) {
		checkHeader(name, value);
	}
}

/** Checks one header. The value is never in a message: it may be a secret. */
function checkHeader(name: string, value: string | LongValue): void {
	if (!isToken(name)) {
		throw new HttpError("HeaderInvalid", `expected a header's name (RFC 9110 §5.1), got ${JSON.stringify(name)}`);
	}
	if (RESERVED.includes(name.toLowerCase())) {
		throw new HttpError("HeaderReserved", `"${name}" is a header that only the client itself sends: remove it`);
	}
	if (typeof value !== "string" || isUriText(value)) return;
	const bytes = new TextEncoder().encode(value);
	for (let i = 0; i < bytes.length; i++) {
		if (bytes[i]! > 0x7e || !isFieldCharacter(bytes[i]!)) {
			throw new HttpError("HeaderInvalid", `the value of "${name}" has a character at ${i} that is not plain ASCII`);
		}
	}
}

/** An outgoing request, handed out in pieces of the size that the connection has room for. */
export class Outgoing {
	/** The parts of the head. They are not joined: those of a payment may have 16 KB. */
	readonly #parts: Iterator<string, void>;
	/** `undefined` after the last. */
	#part: string | undefined;
	readonly #body: Uint8Array | undefined;
	/** Offset into the current part, then into the body. */
	#offset = 0;

	constructor(request: HttpRequest, url: Url) {
		this.#parts = headOf(request, url);
		this.#body = request.body;
		this.#nextPart();
	}

	/** True if `next` has returned everything. */
	get done(): boolean {
		return this.#part === undefined && this.#offset === (this.#body?.length ?? 0);
	}

	/** Returns the next bytes, from 1 to `count`. Call it only while not `done`. */
	next(count: number): Uint8Array {
		if (this.#part !== undefined) {
			return new TextEncoder().encode(this.#text(count));
		}
		const body = this.#body!;
		const most = Math.min(count, body.length - this.#offset);
		this.#offset += most;
		return body.subarray(this.#offset - most, this.#offset);
	}

	#text(count: number): string {
		let text = "";
		while (text.length < count && this.#part !== undefined) {
			const slice = this.#part.slice(this.#offset, this.#offset + count - text.length);
			text += slice;
			this.#offset += slice.length;
			if (this.#offset === this.#part.length) this.#nextPart();
		}
		return text;
	}

	#nextPart(): void {
		this.#part = this.#parts.next().value ?? undefined;
		this.#offset = 0;
	}
}

/** Returns a test for the headers that the request leaves to the client. */
function isLeftTo({ headers = [], credentials = [] }: HttpRequest): (header: Header) => boolean {
	return ([name]) =>
		![headers, credentials].some((own) => own.some(([each]) => each.toLowerCase() === name.toLowerCase()));
}

function* headOf(request: HttpRequest, url: Url): Generator<string, void> {
	const accepted = request.acceptEncoding ?? "identity";
	yield `${request.method} ${url.target} HTTP/1.1\r\nHost: ${url.authority}\r\nAccept-Encoding: ${accepted}\r\n`;
	yield* linesOf(DEFAULTS.filter(isLeftTo(request)));
	// RFC 9110 §8.6: a method whose requests usually have a body sends a length of 0.
	if (request.body !== undefined || ["POST", "PUT", "PATCH"].includes(request.method)) {
		yield `Content-Length: ${request.body?.length ?? 0}\r\n`;
	}
	yield* linesOf(request.headers ?? []);
	yield* linesOf(request.credentials ?? []);
	yield "\r\n";
}

function* linesOf(headers: readonly Credential[]): Generator<string, void> {
	for (const [name, value] of headers) {
		yield `${name}: `;
		if (typeof value === "string") yield value;
		else yield* value.parts();
		yield "\r\n";
	}
}
