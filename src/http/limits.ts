/** A header whose value may be longer than a line. */
export interface LargeHeader {
	/** Bytes; of base64, the decoded ones. Default: `largeBytes`. */
	readonly limit?: number;
	/** True if its value is decoded as it arrives, unless it begins like a JSON object. */
	readonly isBase64?: boolean;
}

/** Limits on an exchange. Times in milliseconds, sizes in bytes. */
export interface HttpLimits {
	/** Until the connection is established, including the TLS handshake. */
	readonly connectTimeout: number;
	/** From the end of the request to the complete head of the response. A paid request has waits of its own. */
	readonly headerTimeout: number;
	/** Between two pieces of a body, sent or received. */
	readonly idleTimeout: number;
	/** From `request` to the last byte of the response, including redirects. */
	readonly exchangeTimeout: number;
	/** How long an unused connection is kept: below the 5 s after which Node's server closes it. */
	readonly keepTime: number;
	/** Status line and header lines, including interim responses. Payment headers of more than 8 KB exist. */
	readonly headBytes: number;
	/** Header lines of a response, including interim responses. */
	readonly headerCount: number;
	/** The longest header line that is kept. A longer one is read and dropped, unless its name is one of `largeHeaders`. */
	readonly lineBytes: number;
	/** All kept header lines, except the large ones; further lines are read and dropped. */
	readonly keptBytes: number;
	/**
	 * Headers whose values may be longer than a line. Names in lower case. The first of each name is kept; if it exceeds its
	 * limit it is dropped, and `HeaderList.isTooLong` is true. Of those without a limit of their own one is kept: that which
	 * stands first here.
	 */
	readonly largeHeaders: Readonly<Record<string, LargeHeader>>;
	/** The most that is held whole of one of these headers, or of a body (`HttpResponse.large`). */
	readonly largeBytes: number;
	/** The most that `discard` reads to keep a connection; a longer rest closes it. */
	readonly discardBytes: number;
	/** All connections. lwIP on an ESP32 has 4 sockets. */
	readonly sockets: number;
	/** Unused connections that are kept. */
	readonly idleSockets: number;
}

/** The waits of an exchange; a request may have its own. */
export type Waits = Pick<HttpLimits, "connectTimeout" | "headerTimeout" | "idleTimeout" | "exchangeTimeout">;

export const defaultLimits: HttpLimits = Object.freeze({
	connectTimeout: 10_000,
	headerTimeout: 60_000,
	idleTimeout: 15_000,
	exchangeTimeout: 120_000,
	keepTime: 4_000,
	headBytes: 16_384,
	headerCount: 64,
	lineBytes: 1_024,
	keptBytes: 4_096,
	largeHeaders: Object.freeze({
		"payment-required": Object.freeze({}),
		"payment-response": Object.freeze({ limit: 8_192 }),
		"x-payment-response": Object.freeze({ limit: 8_192 }),
	}),
	largeBytes: 12_288,
	discardBytes: 4_096,
	sockets: 4,
	idleSockets: 2,
});

/** The most that is read from or written to a stream at once. */
export const PIECE = 1_024;
