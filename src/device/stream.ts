/**
 * A byte stream in the shape of ECMA-419's TCP socket (§12.2, `embedded:io/socket/tcp`, buffer format), plain or TLS.
 * The SDK's own sockets fit unchanged; other ports adapt their transport to this shape.
 */
export interface StreamOptions {
	/** A DNS name, an IPv4 address, or an IPv6 address without brackets. */
	readonly host: string;
	readonly port: number;
	/** TLS, with the certificate checked against `host`. */
	readonly secure: boolean;
	/** `count` bytes can be read now. Called again when more arrive; never after `close` or `onError`. */
	onReadable(count: number): void;
	/** `count` bytes can be written now. The first call means that the connection is established. */
	onWritable(count: number): void;
	/**
	 * The connection ended: closed by the peer (no `reason`; called after `onReadable` announced all bytes and they were
	 * read) or failed. No callback follows it.
	 */
	onError(reason?: string): void;
}

export interface Stream {
	/** Takes up to `count` bytes; fewer if fewer are available; `undefined` if none are. */
	read(count: number): ArrayBuffer | undefined;
	/** Sends all of `bytes`: at most what the last `onWritable` announced, less what was written since. */
	write(bytes: Uint8Array): void;
	/** Closes the connection at once. Idempotent. */
	close(): void;
}

/** Opens a stream. Failures, a refused connection among them, are reported by `onError`, never thrown. */
export type Connect = (options: StreamOptions) => Stream;
