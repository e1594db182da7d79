/**
 * What a port owes the agent. A port without one of these does not start.
 */
import type { SignerError } from "../modules/signer/errors.js";
import type { Curve, Signer } from "../modules/signer/signer.js";
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
	readonly face?: Face;
}

/** Lines of UTF-8 from and to the owner, at most `CONSOLE_LINE_LIMIT` bytes each, without their ends. */
export interface ConsoleLine {
	/** Calls `onLine` for each line that is not for `takeKey`; `undefined` stands for one that was too long or no UTF-8. */
	open(onLine: (line: string | undefined) => void): void;
	write(line: string): void;
	/**
	 * Takes the next line for a private key, 64 hexadecimal digits, and puts it into the slot. On a device the digits never
	 * come to JavaScript. `done` is given the name of the `SignerError` that refused the key, if one did.
	 */
	takeKey(slot: number, curve: Curve, done: (refusal?: SignerError["name"]) => void): void;
}

export const CONSOLE_LINE_LIMIT = 4_000;

export interface Wifi {
	/** Keeps the network's name and password, durably, and connects with them. An empty name forgets what was kept. */
	set(ssid: string, password: string): void;
	readonly state: WifiState;
	/** Of the network that was set; empty when none was. */
	readonly ssid: string;
}

export type WifiState = "unset" | "connecting" | "connected";

/** A screen. */
export interface Face {
	show(facts: Facts): void;
}

/** What an owner wants to see at a glance. */
export interface Facts {
	/** The wallet's, EIP-55. */
	readonly address: string;
	/** Where the owner is to pay to fill up an account at a market, when one is to be filled up. */
	readonly checkout: string | undefined;
	/** By asset; amounts in base units, decimal. */
	readonly spent: readonly {
		readonly symbol: string;
		readonly decimals: number;
		readonly amount: string;
		readonly allowed: string;
	}[];
	readonly last:
		| { readonly plan: string; readonly state: string; readonly price: string; readonly at: number }
		| undefined;
	readonly network: WifiState | undefined;
	/** Milliseconds since the epoch, or `undefined` while wall time is not set. */
	readonly wall: number | undefined;
	readonly isPaused: boolean;
	readonly error: { readonly name: string; readonly message: string } | undefined;
}
