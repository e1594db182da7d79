/**
 * A stream over the SDK's TCP socket (ECMA-419 §12.2, `embedded:io/socket/tcp`). It adds what that socket lacks: it can take
 * a name's address later, calls nothing after it is closed, and reports why it failed.
 */

import TCP from "embedded:io/socket/tcp";
import config from "mc/config";
import Timer from "timer";
import type { Stream, StreamOptions } from "../../src/device/stream.js";

/**
 * Bytes to take from the socket before they are asked for. The sockets of the desktop platforms forget the end of a
 * connection that arrives while bytes wait in them, so there they are emptied at once. A chip's sockets remember it, and
 * waiting bytes stay in their memory.
 */
const READ_AHEAD: number = config.network.readAhead;

export class TcpStream implements Stream {
	readonly #options: StreamOptions;
	#socket: TCP | undefined;
	#held: ArrayBuffer[] = [];
	#heldBytes = 0;
	/** Bytes that the socket holds. */
	#waiting = 0;
	/** True if the connection has ended; reported once all bytes have been read. */
	#hasEnded = false;
	#connected = false;
	#closed = false;

	constructor(options: StreamOptions) {
		this.#options = options;
	}

	/** Connects to an IPv4 address. */
	open(address: string): void {
		if (this.#closed) return;
		try {
			this.#socket = new TCP({
				address,
				port: this.#options.port,
				nodelay: true,
				onReadable: (count) => this.#onReadable(count),
				onWritable: (count) => this.#onWritable(count),
				onError: () => this.#onEnd(),
			});
		} catch (error) {
			this.fail(`no socket available: ${(error as Error).message}`);
		}
	}

	/** Ends the stream with that reason, asynchronously. */
	fail(reason: string | undefined): void {
		Timer.set(() => {
			if (this.#closed) return;
			this.close();
			this.#options.onError(reason);
		}, 0);
	}

	read(count: number): ArrayBuffer | undefined {
		if (this.#closed || count < 1) return undefined;
		const bytes = this.#heldBytes > 0 ? this.#readHeld(count) : this.#readSocket(count);
		if (this.#hasEnded && this.#heldBytes === 0) this.fail(undefined);
		return bytes;
	}

	write(bytes: Uint8Array): void {
		if (this.#closed) throw new RangeError("expected an open stream");
		this.#socket?.write(bytes);
	}

	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		this.#held = [];
		this.#socket?.close();
		this.#socket = undefined;
	}

	#readHeld(count: number): ArrayBuffer {
		const first = this.#held[0]!;
		const rest = first.byteLength - count;
		if (rest > 0) this.#held[0] = first.slice(count);
		else this.#held.shift();
		this.#heldBytes -= Math.min(first.byteLength, count);
		return rest > 0 ? first.slice(0, count) : first;
	}

	#readSocket(count: number): ArrayBuffer | undefined {
		const size = Math.min(count, this.#waiting);
		if (size === 0) return undefined;
		this.#waiting -= size;
		return this.#socket?.read(size) as ArrayBuffer | undefined;
	}

	#onReadable(count: number): void {
		if (this.#closed) return;
		this.#waiting = count;
		const ahead = Math.min(count, READ_AHEAD - this.#heldBytes);
		if (ahead > 0) {
			this.#held.push(this.#readSocket(ahead)!);
			this.#heldBytes += ahead;
		}
		this.#options.onReadable(this.#heldBytes + this.#waiting);
	}

	#onWritable(count: number): void {
		if (this.#closed) return;
		this.#connected = true;
		this.#options.onWritable(count);
	}

	/** Called at the end. The SDK does not say whether the peer ended the connection in order. */
	#onEnd(): void {
		if (this.#closed) return;
		this.#hasEnded = true;
		if (!this.#connected) this.fail("the connection was refused, or nobody answered");
		else if (this.#heldBytes === 0) this.fail(undefined);
	}
}
