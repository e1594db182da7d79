/**
 * What a port owes the agent. A port without one of these does not start.
 */
import type { Signer } from "../../modules/signer/signer.js";
import type { Clock } from "./clock.js";
import type { ConsoleLine } from "./console_line.js";
import type { Display } from "./display.js";
import type { Wifi } from "./network.js";
import type { Storage } from "./storage.js";
import type { Connect } from "./stream.js";
import type { Timer } from "./timer.js";

export interface Port {
	readonly clock: Clock;
	/** Fills `buffer` from the hardware's generator. Throws when it has none. */
	random(buffer: Uint8Array): void;
	readonly storage: Storage;
	readonly connect: Connect;
	/** The key slots, and what is done with them. */
	readonly keys: Signer;
	readonly timer: Timer;
	/** One event for a person or a program: a flat, JSON-ready object, never with a secret in it. */
	log(event: object): void;
	readonly watchdog: { feed(): void };
	/** Starts the device anew, once what was written to the console has gone out. On a desktop port, ends the process. */
	restart(reason: string): void;
	/** The owner's configuration, JSON text, of a port that is given one. `undefined`: the console sets it, in storage. */
	readonly configuration: string | undefined;
	/** What the last run ended by, if the port knows: "power on", "watchdog", "brown-out", the reason of a `restart`. */
	readonly startedBy?: string;
	/** How many runs before this one, one after the other, ended before their time: in a crash, or for want of memory. */
	readonly failedRuns?: number;
	/** Starts the device anew because this run cannot go on. Without it, `restart` does. */
	fail?(reason: string): void;
	/** The owner's word for wall time (milliseconds since the epoch), until the network has a better one. */
	setWall?(milliseconds: number): void;
	/** The owner's serial line. */
	readonly console?: ConsoleLine;
	readonly wifi?: Wifi;
	readonly display?: Display;
}
