/**
 * The port of the XS host (hal/xs/*.c): implements `src/device/port.ts` with native functions.
 *
 * @module
 */
import { createNativeSigner, refusal } from "../../modules/signer/native.js";
import { believed } from "../../src/device/clock.js";
import type { ConsoleLine } from "../../src/device/console_line.js";
import type { Port } from "../../src/device/port.js";
import type { Stream, StreamOptions } from "../../src/device/stream.js";
import type { TimerHandle } from "../../src/device/timer.js";

declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

function clockWall(this: unknown): number | undefined {
	return native("xs_clock_wall").call(this);
}
function clockMonotonic(this: unknown): number {
	return native("xs_clock_monotonic").call(this);
}
function random(this: unknown, buffer: Uint8Array): undefined {
	return native("xs_random").call(this, buffer);
}
function setWall(this: unknown, milliseconds: number): undefined {
	return native("xs_clock_set").call(this, milliseconds);
}
function configuration(this: unknown): ArrayBuffer | undefined {
	return native("xs_configuration").call(this);
}
function restart(this: unknown, reason: string): undefined {
	return native("xs_restart").call(this, reason);
}
function timerSet(this: unknown, callback: () => void, milliseconds: number): number {
	return native("xs_timer_set").call(this, callback, milliseconds);
}
function timerClear(this: unknown, timer: TimerHandle): undefined {
	return native("xs_timer_clear").call(this, timer);
}
function storageRead(this: unknown, key: string): ArrayBuffer | undefined {
	return native("xs_storage_read").call(this, key);
}
function storageWrite(this: unknown, key: string, bytes: Uint8Array): undefined {
	return native("xs_storage_write").call(this, key, bytes);
}
function storageDelete(this: unknown, key: string): undefined {
	return native("xs_storage_delete").call(this, key);
}
function log(this: unknown, text: string): undefined {
	return native("xs_log").call(this, text);
}
function linkOpen(this: unknown, options: StreamOptions, host: string, port: number, secure: boolean): number {
	return native("xs_link_open").call(this, options, host, port, secure);
}
function linkRead(this: unknown, stream: number, count: number): ArrayBuffer | undefined {
	return native("xs_link_read").call(this, stream, count);
}
function linkWrite(this: unknown, stream: number, bytes: Uint8Array): undefined {
	return native("xs_link_write").call(this, stream, bytes);
}
function linkClose(this: unknown, stream: number): undefined {
	return native("xs_link_close").call(this, stream);
}
function consoleWanted(this: unknown): boolean {
	return native("xs_console_wanted").call(this);
}
function consoleOpen(this: unknown, onLine: (length: number) => void): undefined {
	return native("xs_console_open").call(this, onLine);
}
function consoleRead(this: unknown): ArrayBuffer {
	return native("xs_console_read").call(this);
}
function consoleWrite(this: unknown, line: string): undefined {
	return native("xs_console_write").call(this, line);
}
function consoleTakeKey(this: unknown, slot: number, curve: number, done: (error: number) => void): undefined {
	return native("xs_console_take_key").call(this, slot, curve, done);
}

/** A stream by its number on the link. The number of a closed stream is not reused while that could matter. */
class LinkStream implements Stream {
	readonly #number: number;

	constructor(options: StreamOptions) {
		this.#number = linkOpen.call(this, options, options.host, options.port, options.secure);
	}

	read(count: number): ArrayBuffer | undefined {
		return linkRead.call(this, this.#number, count);
	}

	write(bytes: Uint8Array): void {
		linkWrite.call(this, this.#number, bytes);
	}

	close(): void {
		linkClose.call(this, this.#number);
	}
}

function createConsole(): ConsoleLine {
	return {
		open(onLine, longest) {
			consoleOpen.call(this, (length) => onLine(length <= longest() ? textOf(consoleRead.call(this)) : undefined));
		},
		write: consoleWrite,
		takeKey(slot, curve, done) {
			const tell = (error: number) => done(error === 0 ? undefined : refusal(error, slot).name);
			consoleTakeKey.call(this, slot, curve === "secp256k1" ? 0 : 1, tell);
		},
	};
}

function textOf(bytes: ArrayBuffer): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}

export function createPort(): Port {
	return {
		clock: believed({ wall: clockWall, monotonic: clockMonotonic }),
		random,
		storage: {
			read(key) {
				const bytes = storageRead.call(this, key);
				return bytes === undefined ? undefined : new Uint8Array(bytes);
			},
			write: storageWrite,
			delete: storageDelete,
		},
		connect: (options) => new LinkStream(options),
		keys: createNativeSigner(),
		timer: { set: timerSet, clear: timerClear },
		log(event) {
			log.call(this, JSON.stringify(event));
		},
		watchdog: { feed() {} },
		restart,
		get configuration() {
			const bytes = configuration.call(this);
			return bytes === undefined ? undefined : new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		},
		setWall,
		...(consoleWanted.call(undefined) && { console: createConsole() }),
	};
}
