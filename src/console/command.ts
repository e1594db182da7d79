/** What a command of the console is, and what it works with. */

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
	/** A line each: what to type, two spaces or more, what it does. */
	readonly help: readonly string[];
	/** True if it is answered in the middle of a purchase too, which has most of the memory of a small board. */
	readonly isLight: boolean;
	/** Returns the answer's fields, or its whole line. What it throws is the answer too. */
	run(args: Arguments, session: Session): object | string | Promise<object>;
}

/** What a port gives, and the firmware. */
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
	/** True if the configuration is a file's, which the console does not change. */
	readonly isFixed: boolean;
	/** Opens a market with what the owner sets for it. Throws `ConfigurationError`. */
	readonly tryMarket: (name: string, field: Field) => void;
	/** Something changed that a display shows. */
	readonly changed: () => void;
}

/** What a command can do beside answering. */
export interface Session extends ConsoleDeps {
	readonly confirmation: Confirmation;
	/** Answers later, beside the command's own answer. */
	answer(fields: object): void;
	refuse(error: Error): void;
	/** Starts the device anew, after the answer. */
	startAnew(reason: string): void;
}
