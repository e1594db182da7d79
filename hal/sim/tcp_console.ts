/**
 * The owner's console in the simulator: a TCP port of this machine, for one owner at a time, with the lines of the serial
 * console. The SDK's listener accepts connections from anywhere; any that is not from this machine is closed at once.
 */
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import { refusal } from "../../modules/signer/native.js";
import { CONSOLE_LINE_LIMIT, type ConsoleLine } from "../../src/device/console_line.js";
import { importKey } from "./natives.js";

const LOOPBACK = "127.0.0.1";
const NEWLINE = 0x0a;
const RETURN = 0x0d;

type TakeKey = Parameters<ConsoleLine["takeKey"]>;

export class TcpConsole implements ConsoleLine {
	readonly port: number;
	readonly #listener: Listener;
	#onLine: ((line: string | undefined) => void) | undefined;
	#longest: () => number = () => CONSOLE_LINE_LIMIT;
	#socket: TCP | undefined;
	#writable = 0;
	/** The incoming line: at most one byte more than the limit, and one for a carriage return. */
	readonly #line = new Uint8Array(CONSOLE_LINE_LIMIT + 2);
	#length = 0;
	#unsent: Uint8Array[] = [];
	#wanted: TakeKey | undefined;
	#onSent: (() => void) | undefined;

	/** @param port 0: any free one */
	constructor(port: number) {
		this.#listener = new Listener({ port, onReadable: () => this.#accept() });
		this.port = this.#listener.port;
	}

	open(onLine: (line: string | undefined) => void, longest: () => number): void {
		this.#onLine = onLine;
		this.#longest = longest;
	}

	write(line: string): void {
		if (this.#socket === undefined) return;
		this.#unsent.push(new TextEncoder().encode(`${line}\n`));
		this.#send();
	}

	/** Calls `done` when nothing waits to be sent, or nobody is connected to receive it. */
	whenSent(done: () => void): void {
		if (this.#unsent.length === 0) done();
		else this.#onSent = done;
	}

	takeKey(...wanted: TakeKey): void {
		this.#wanted = wanted;
	}

	#accept(): void {
		const from = this.#listener.read();
		if (from === undefined) return;
		if (from.remoteAddress === LOOPBACK) this.#serve(from);
		else from.close();
	}

	#serve(from: TCP): void {
		this.#drop();
		const socket: TCP = new TCP({
			from,
			onReadable: (count) => {
				if (socket === this.#socket) this.#take(new Uint8Array(socket.read(count) as ArrayBuffer));
			},
			onWritable: (count) => {
				if (socket !== this.#socket) return;
				this.#writable = count;
				this.#send();
			},
			onError: () => {
				if (socket === this.#socket) this.#drop();
			},
		});
		this.#socket = socket;
	}

	#drop(): void {
		this.#socket?.close();
		this.#socket = this.#wanted = undefined;
		this.#unsent = [];
		this.#writable = this.#length = 0;
		this.#line.fill(0);
		this.#onSent?.();
	}

	#send(): void {
		while (this.#writable > 0 && this.#unsent.length > 0) {
			const first = this.#unsent[0]!;
			const piece = first.subarray(0, this.#writable);
			this.#writable -= piece.length;
			if (piece.length < first.length) this.#unsent[0] = first.subarray(piece.length);
			else this.#unsent.shift();
			this.#socket!.write(piece);
		}
		if (this.#unsent.length === 0) this.#onSent?.();
	}

	#take(bytes: Uint8Array): void {
		for (const byte of bytes) {
			if (byte === NEWLINE) this.#end();
			else if (this.#length < this.#line.length) this.#line[this.#length++] = byte;
		}
		// It may have been a key.
		bytes.fill(0);
	}

	#end(): void {
		const length = this.#line[this.#length - 1] === RETURN ? this.#length - 1 : this.#length;
		const line = this.#line.slice(0, length);
		this.#length = 0;
		this.#line.fill(0);
		const wanted = this.#wanted;
		this.#wanted = undefined;
		if (wanted === undefined) this.#onLine?.(line.length <= this.#longest() ? textOf(line) : undefined);
		else this.#import(wanted, line);
	}

	#import([slot, curve, done]: TakeKey, line: Uint8Array): void {
		const error = importKey.call(undefined, slot, curve === "secp256k1" ? 0 : 1, line);
		done(error === 0 ? undefined : refusal(error, slot).name);
	}
}

function textOf(line: Uint8Array): string | undefined {
	if (line.length > CONSOLE_LINE_LIMIT) return undefined;
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(line);
	} catch {
		return undefined;
	}
}
