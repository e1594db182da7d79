/**
 * The owner's serial line (native/owner_console.c). Events and answers share it, one line each.
 *
 * @module
 */
import { refusal } from "../../modules/signer/native.js";
import type { ConsoleLine } from "../../src/device/console_line.js";

declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

function start(this: unknown): boolean {
	return native("xs_owner_console_start").call(this);
}
function open(this: unknown, onLine: (length: number) => void): undefined {
	return native("xs_owner_console_open").call(this, onLine);
}
function read(this: unknown): ArrayBuffer {
	return native("xs_owner_console_read").call(this);
}
function takeKey(this: unknown, slot: number, curve: number, done: (error: number) => void): undefined {
	return native("xs_owner_console_take_key").call(this, slot, curve, done);
}
function write(this: unknown, bytes: Uint8Array): undefined {
	return native("xs_owner_console_write").call(this, bytes);
}

/** Returns `undefined` if the serial line is not available: the debugger has it. */
export function openConsole(): ConsoleLine | undefined {
	return start.call(undefined) ? new SerialConsole() : undefined;
}

class SerialConsole implements ConsoleLine {
	open(...[onLine, longest]: Parameters<ConsoleLine["open"]>): void {
		open.call(this, (length) => onLine(length <= longest() ? textOf(read.call(this)) : undefined));
	}

	write(line: string): void {
		write.call(this, new TextEncoder().encode(line));
	}

	takeKey(...[slot, curve, done]: Parameters<ConsoleLine["takeKey"]>): void {
		const number = curve === "secp256k1" ? 0 : 1;
		takeKey.call(this, slot, number, (error) => done(error === 0 ? undefined : refusal(error, slot).name));
	}
}

function textOf(bytes: ArrayBuffer): string | undefined {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		return undefined;
	}
}
