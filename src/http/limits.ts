/** What an exchange may cost. Times in milliseconds, sizes in bytes. */
export interface HttpLimits {
	/** Until the connection stands, TLS handshake included. */
	readonly connectTimeout: number;
	/** From the request sent until the response's head is complete. A paid request is settled on a chain in this time. */
	readonly headerTimeout: number;
	/** Between two pieces of a body, sent or received. */
	readonly idleTimeout: number;
	/** From `request` to the last byte of the response, redirects included. */
	readonly exchangeTimeout: number;
	/** How long an unused connection is kept; below the 5 s after which Node's server closes it. */
	readonly keepTime: number;
	/** Status line and header lines, interim responses included. Payment headers of more than 8 KB exist. */
	readonly headBytes: number;
	/** Header lines of a response, interim responses included. */
	readonly headerCount: number;
	/** A header line that is longer is read and dropped, unless its name is one of `largeHeaders`. */
	readonly lineBytes: number;
	/** All header lines that are kept, but for the large ones; later lines are read and dropped. */
	readonly keptBytes: number;
	/**
	 * Headers whose values may be longer than a line, and how long: room for that much is taken as soon as one is. Names in
	 * lower case. The first of each name is kept; `HeaderList.isTooLong` says of a longer one that it was dropped.
	 */
	readonly largeHeaders: Readonly<Record<string, number>>;
	/** What `discard` reads to keep a connection; a longer rest closes it. */
	readonly discardBytes: number;
	/** Connections in all. lwIP on an ESP32 has 4 sockets. */
	readonly sockets: number;
	/** Unused connections kept. */
	readonly idleSockets: number;
}

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
		"payment-required": 12_288,
		"payment-response": 8_192,
		"x-payment-response": 8_192,
	}),
	discardBytes: 4_096,
	sockets: 4,
	idleSockets: 2,
});

/** The most that is read from, or written to, a stream at once. */
export const PIECE = 1_024;
