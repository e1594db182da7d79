/** A market's own time: the machine's, from which a test may run ahead, or a moment at which it stands still. */
export class Clock {
	#ahead = 0;
	#stopped: number | undefined;

	/** Milliseconds since 1970. */
	now(): number {
		return (this.#stopped ?? Date.now()) + this.#ahead;
	}

	/** It is `milliseconds` since 1970, and stays so but for `advance`. */
	stopAt(milliseconds: number): void {
		this.#stopped = milliseconds;
		this.#ahead = 0;
	}

	advance(seconds: number): void {
		this.#ahead += Math.round(seconds * 1000);
	}
}
