/** The two clocks of a device. */
export interface Clock {
	/** Milliseconds since the epoch (UTC), or `undefined` while wall time is not set. */
	wall(): number | undefined;
	/** Milliseconds since a fixed moment of this run. Never goes back. */
	monotonic(): number;
}

/** Whole seconds since the epoch, or `undefined` while wall time is not set. */
export function seconds(clock: Clock): number | undefined {
	const wall = clock.wall();
	return wall === undefined ? undefined : Math.floor(wall / 1_000);
}
