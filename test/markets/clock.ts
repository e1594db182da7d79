/** A market's own time: the machine's, from which a test may run ahead. */
export class Clock {
	#ahead = 0;

	/** Milliseconds since 1970. */
	now(): number {
		return Date.now() + this.#ahead;
	}

	advance(seconds: number): void {
		this.#ahead += seconds * 1000;
	}
}
