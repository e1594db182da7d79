/** One-shot timers. */
export interface Timer {
	/** Calls `callback` once, after at least `milliseconds`. */
	set(callback: () => void, milliseconds: number): TimerHandle;
	/** Idempotent; harmless after the timer has fired. */
	clear(handle: TimerHandle): void;
}

/** A port's own mark for a timer. */
export type TimerHandle = object | number;
