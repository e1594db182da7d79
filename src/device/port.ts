/**
 * The parts that a port provides to the agent. A port that lacks a required one does not start.
 */
import type { Signer } from "../../modules/signer/signer.js";
import type { Clock } from "./clock.js";
import type { ConsoleLine } from "./console_line.js";
import type { Display } from "./display.js";
import type { Wifi } from "./network.js";
import type { Storage } from "./storage.js";
import type { Connect } from "./stream.js";
import type { Timer } from "./timer.js";
import type { Watchdog } from "./watchdog.js";

export interface Port {
	readonly clock: Clock;
	/** Fills `buffer` from the hardware's generator. Throws if that fails. */
	random(buffer: Uint8Array): void;
	readonly storage: Storage;
	readonly connect: Connect;
	/** The key slots, and the operations on them. */
	readonly keys: Signer;
	readonly timer: Timer;
	/** Emits one event, a flat object that becomes JSON, for a person or a program. Never contains a secret. */
	log(event: object): void;
	readonly watchdog: Watchdog;
	/** Restarts the device once pending console output is sent. On a desktop port, ends the process. */
	restart(reason: string): void;
	/** The owner's configuration as JSON text, on a port that is given one; `undefined` if the console sets it, in storage. */
	readonly configuration: string | undefined;
	/** Why the device last restarted, if known: "power on", "watchdog", "brown-out", or the reason given to `restart`. */
	readonly startedBy?: string;
	/** The number of runs in a row before this one that crashed or ran out of memory. */
	readonly failedRuns?: number;
	/** Restarts the device because this run has failed. Ports without it use `restart`. */
	fail?(reason: string): void;
	/** Sets wall time by hand (milliseconds since the epoch), until the network provides a better one. */
	setWall?(milliseconds: number): void;
	/** The owner's serial line. */
	readonly console?: ConsoleLine;
	readonly wifi?: Wifi;
	readonly display?: Display;
}
