export interface Clock {
	/** Milliseconds since the epoch (UTC), or `undefined` while wall time is not set. */
	wall(): number | undefined;
	/** Milliseconds since some fixed moment of this run. Never goes back. */
	monotonic(): number;
}
