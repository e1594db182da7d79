/** The interface of a console command, and its dependencies. */

import type { Field } from "../configuration/field.js";
import type { Clock } from "../device/clock.js";
import type { ConsoleLine } from "../device/console_line.js";
import type { Wifi } from "../device/network.js";
import type { Storage } from "../device/storage.js";
import type { Connect } from "../device/stream.js";
import type { Timer } from "../device/timer.js";
import type { Arguments } from "./arguments.js";
import type { Confirmation } from "./confirmation.js";
import type { DeviceState } from "./device_state.js";
import type { KeyRing } from "./key_ring.js";
import type { Settings } from "./settings.js";

export interface Command {
	readonly name: string;
	/** Lines of help: each has what to type, at least two spaces, and what it does. */
	readonly help: readonly string[];
	/** True if it may run during a purchase, which takes most of the memory of a small board. */
	readonly isLight: boolean;
	/** Returns the answer's fields, or the whole answer line. An error that it throws becomes the answer. */
	run(args: Arguments, session: Session): object | string | Promise<object>;
}

/** Dependencies on the port and on the firmware. */
export interface ConsoleDeps {
	readonly line: ConsoleLine;
	readonly clock: Clock;
	readonly timer: Timer;
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: KeyRing;
	readonly storage: Storage;
	readonly connect: Connect;
	readonly wifi: Wifi | undefined;
	readonly setWall: ((milliseconds: number) => void) | undefined;
	readonly startedBy: string | undefined;
	readonly restart: (reason: string) => void;
	readonly settings: Settings;
	readonly device: DeviceState;
	/** True if the configuration comes from a file, which the console cannot change. */
	readonly isFixed: boolean;
	/** Opens a market with the owner's settings for it. Throws `ConfigurationError`. */
	readonly tryMarket: (name: string, field: Field) => void;
	/** Called when something changed that a display shows. */
	readonly changed: () => void;
}

/** A command's means to act besides answering. */
export interface Session extends ConsoleDeps {
	readonly confirmation: Confirmation;
	/** Sends another answer later, after the command's own. */
	answer(fields: object): void;
	refuse(error: Error): void;
	/** Restarts the device after the answer is sent. */
	scheduleRestart(reason: string): void;
}
