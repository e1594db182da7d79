import type { FirmwareEvent } from "../firmware.js";

/** An event with the time at which it was heard (ISO 8601, UTC), unless it has a time of its own. */
export function timed({ event, ...fields }: FirmwareEvent): FirmwareEvent {
	return { event, time: new Date().toISOString(), ...fields };
}
