/** One-shot timers. */
export interface Timer {
	/** Calls `callback` once, after at least `milliseconds`. */
	set(callback: () => void, milliseconds: number): TimerHandle;
	/** Idempotent; a no-op after the timer has fired. */
	clear(handle: TimerHandle): void;
}

/** Identifies a timer; only the port looks inside. */
export type TimerHandle = object | number;
