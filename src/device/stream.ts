/**
 * A byte stream in the shape of ECMA-419's TCP socket (§12.2, `embedded:io/socket/tcp`, buffer format), plain or TLS.
 * The SDK's own sockets fit as they are; other ports put their transport into this shape.
 */
export interface StreamOptions {
	/** A DNS name, an IPv4 address, or an IPv6 address without brackets. */
	readonly host: string;
	readonly port: number;
	/** TLS, with the certificate checked against `host`. */
	readonly secure: boolean;
	/** `count` bytes can be read now. Called again when more have come; never after `close` or `onError`. */
	onReadable(count: number): void;
	/** `count` bytes can be written now. The first call says that the connection stands. */
	onWritable(count: number): void;
	/**
	 * The connection ended: by the peer (an orderly end has no reason, and comes after all its bytes were announced by
	 * `onReadable` and read) or by a failure. Nothing is called after it.
	 */
	onError(reason?: string): void;
}

export interface Stream {
	/** Takes up to `count` bytes; fewer when fewer are there; `undefined` when none are. */
	read(count: number): ArrayBuffer | undefined;
	/** Sends all of `bytes`, which may not be more than the last `onWritable` announced less what was written since. */
	write(bytes: Uint8Array): void;
	/** Ends the connection at once. Idempotent. */
	close(): void;
}

/** Opens a stream. Failures, a refused connection among them, come by `onError`, never by a throw. */
export type Connect = (options: StreamOptions) => Stream;
