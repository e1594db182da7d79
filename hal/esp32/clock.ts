/**
 * Wall time on an ESP32: the system's clock, once a time server or the owner has set it in this run. A restart keeps the
 * system's clock running, a power cut does not; after either it counts as not set.
 *
 * @module
 */
import { type Clock, EARLIEST_WALL, LATEST_WALL } from "../../src/device/clock.js";
import { DeviceError } from "./device_error.js";

/** The system's clock (native/wall_clock.h). */
export interface SystemTime {
	/** Milliseconds since the epoch, possibly wrong. */
	read(): number;
	set(milliseconds: number): void;
	monotonic(): number;
	/** The number of times that a server has set it in this run. */
	answers(): number;
}

export class DeviceClock implements Clock {
	readonly #time: SystemTime;
	#isSetByOwner = false;

	constructor(time: SystemTime) {
		this.#time = time;
	}

	wall(): number | undefined {
		if (!this.#isSetByOwner && this.#time.answers() === 0) return undefined;
		const now = this.#time.read();
		return now >= EARLIEST_WALL && now < LATEST_WALL ? now : undefined;
	}

	monotonic(): number {
		return this.#time.monotonic();
	}

	/** Sets the time by the owner's command, until a server answers. Throws `DeviceError` `TimeRange`. */
	set(milliseconds: number): void {
		if (!(milliseconds >= EARLIEST_WALL && milliseconds < LATEST_WALL)) {
			throw new DeviceError(
				"TimeRange",
				`expected milliseconds since the epoch, from 2026-11-01 to 2099, got ${milliseconds}`,
			);
		}
		this.#time.set(milliseconds);
		this.#isSetByOwner = true;
	}
}
