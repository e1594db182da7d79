import type { FirmwareEvent } from "../firmware.js";

/** Adds to an event the time at which it arrived (ISO 8601, UTC), unless it has its own. */
export function timed({ event, ...fields }: FirmwareEvent): FirmwareEvent {
	return { event, time: new Date().toISOString(), ...fields };
}
