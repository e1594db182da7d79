/**
 * What a port owes the agent. A port without one of these does not start.
 */
import type { Signer } from "../modules/signer/signer.js";
import type { Connect } from "../src/http/stream.js";
import type { Timer } from "../src/http/timer.js";
import type { Clock } from "../src/wallet/clock.js";
import type { Storage } from "../src/wallet/storage.js";

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
	/** Starts the device anew. On a desktop port, ends the process. */
	restart(reason: string): void;
	/** The owner's configuration, JSON text. */
	readonly configuration: string;
}
