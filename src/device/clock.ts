/** The two clocks of a device. */
export interface Clock {
	/** Milliseconds since the epoch (UTC), or `undefined` while wall time is not set. */
	wall(): number | undefined;
	/** Milliseconds since a fixed moment of this run. Never goes back. */
	monotonic(): number;
}

/** 2026-11-01 in milliseconds, the earliest plausible time: this firmware did not exist before. */
export const EARLIEST_WALL = 1_793_491_200_000;
/** 2100-01-01. */
export const LATEST_WALL = 4_102_444_800_000;

/** Wraps a clock: an implausible wall time counts as not set. */
export function believed(clock: Clock): Clock {
	return {
		wall: () => {
			const wall = clock.wall();
			return wall !== undefined && wall >= EARLIEST_WALL && wall < LATEST_WALL ? wall : undefined;
		},
		monotonic: () => clock.monotonic(),
	};
}

/** Whole seconds since the epoch, or `undefined` while wall time is not set. */
export function seconds(clock: Clock): number | undefined {
	const wall = clock.wall();
	return wall === undefined ? undefined : Math.floor(wall / 1_000);
}
