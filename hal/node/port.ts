/**
 * The port for Node: unit tests, development, and machines without a C compiler. Its keys are in the process's memory
 * while it signs; `modules/signer/portable.ts` explains what that means.
 * @module
 */
import { randomFillSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import { createPortableSigner } from "../../modules/signer/portable.js";
import { believed, type Clock } from "../../src/device/clock.js";
import type { Port } from "../../src/device/port.js";
import type { Timer } from "../../src/device/timer.js";
import { Flash } from "./flash.js";
import { type Cut, Power } from "./power.js";
import { SocketStream } from "./socket_stream.js";
import { type ConsoleStreams, StreamConsole } from "./stream_console.js";

/** The exit code of a process that asks for a restart, as on the XS host. */
export const EXIT_RESTART = 75;

/** The longest that one timer of Node's can wait. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

export interface NodePortOptions {
	/** The folder that is the device's flash; made if it does not exist. */
	readonly flash: string;
	/** The owner's configuration, JSON text. Without one, the console sets it. */
	readonly configuration?: string | undefined;
	onEvent(event: object): void;
	/** The owner's console, if there is one. */
	readonly console?: ConsoleStreams | undefined;
	readonly clock?: {
		/** True if wall time is set. Default: true. */
		readonly set?: boolean;
		/** Milliseconds by which wall time is ahead of this machine's. */
		readonly offset?: number;
	};
	/** Cuts the power: ends the process with `EXIT_CUT`. */
	readonly cut?: Cut | undefined;
	/** Flash refuses every n-th write, like one that is full or worn. */
	readonly refuseEvery?: number | undefined;
	/** A certificate (PEM) that TLS trusts in addition to the well-known ones. */
	readonly ca?: string | undefined;
}

export interface NodePort extends Port {
	/** Host operations so far, as `cut` counts them. */
	readonly operations: number;
	/** Writes that flash refused, by `refuseEvery`. */
	readonly refusedWrites: number;
}

export function createNodePort(options: NodePortOptions): NodePort {
	const power = new Power(options.cut);
	const flash = new Flash(options.flash, power, options.refuseEvery);
	const random = (buffer: Uint8Array) => {
		randomFillSync(buffer);
	};
	const clock = new WallClock(options.clock ?? {});
	const keys = createPortableSigner({ keys: flash.keys, random });
	return {
		clock: believed(clock),
		random,
		storage: flash.storage,
		connect: (stream) => new SocketStream(stream, power, options.ca),
		keys,
		timer: createTimer(power),
		log(event) {
			if (!power.down) {
				options.onEvent(event);
			}
		},
		watchdog: { feed() {} },
		restart(reason) {
			options.onEvent({ event: "restart", reason });
			process.exit(EXIT_RESTART);
		},
		configuration: options.configuration,
		setWall: (milliseconds) => clock.set(milliseconds),
		...(options.console !== undefined && { console: new StreamConsole(options.console, keys) }),
		get operations() {
			return power.operations;
		},
		get refusedWrites() {
			return flash.refusedWrites;
		},
	};
}

class WallClock implements Clock {
	/** Milliseconds by which wall time is ahead of this machine's; `undefined` while it is not set. */
	#offset: number | undefined;

	constructor({ set = true, offset = 0 }: NonNullable<NodePortOptions["clock"]>) {
		this.#offset = set ? offset : undefined;
	}

	wall(): number | undefined {
		return this.#offset === undefined ? undefined : Date.now() + this.#offset;
	}

	monotonic(): number {
		return Math.floor(performance.now());
	}

	set(milliseconds: number): void {
		this.#offset = milliseconds - Date.now();
	}
}

function createTimer(power: Power): Timer {
	return {
		set(callback, milliseconds) {
			const handle: { timeout?: NodeJS.Timeout } = {};
			const wait = (rest: number) => {
				const step = Math.min(rest, LONGEST_TIMEOUT);
				handle.timeout = setTimeout(() => {
					if (step < rest) {
						wait(rest - step);
					} else if (!power.down) {
						power.run(callback);
					}
				}, step);
			};
			wait(milliseconds);
			return handle;
		},
		clear(handle) {
			clearTimeout((handle as { timeout?: NodeJS.Timeout }).timeout);
		},
	};
}
