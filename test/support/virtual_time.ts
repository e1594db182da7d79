/** Time of a test's world: it passes when a device and all servers wait, and then to the next moment that something is due. */
import type { Timer } from "../../src/device/timer.js";

interface Due {
	/** Milliseconds since the epoch. */
	readonly at: number;
	readonly callback: () => void;
}

export class VirtualTime {
	/** Milliseconds since the epoch. */
	now: number;
	readonly #due = new Set<Due>();

	constructor(now: number) {
		this.now = now;
	}

	/** Calls `callback` once, after `milliseconds`. */
	after(milliseconds: number, callback: () => void): Due {
		const due = { at: this.now + Math.max(milliseconds, 0), callback };
		this.#due.add(due);
		return due;
	}

	/** A device's timer, as long as its power is on. */
	timer(isOn: () => boolean): Timer {
		return {
			set: (callback, milliseconds) => this.after(milliseconds, () => isOn() && callback()),
			clear: (due) => this.#due.delete(due as Due),
		};
	}

	/** Lets time pass until `isOver`, which is asked whenever nothing more happens at a moment, or nothing is due any more. */
	async pass(isOver: () => boolean): Promise<void> {
		for (;;) {
			// Every promise that can go on does.
			await new Promise(setImmediate);
			if (isOver()) return;
			const next = this.#next();
			if (next === undefined) return;
			this.#do(next);
		}
	}

	/** Lets so much time pass while no device is on. */
	skip(milliseconds: number): void {
		const until = this.now + milliseconds;
		for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) this.#do(next);
		this.now = until;
	}

	#next(): Due | undefined {
		let next: Due | undefined;
		for (const due of this.#due) if (next === undefined || due.at < next.at) next = due;
		return next;
	}

	#do(due: Due): void {
		this.#due.delete(due);
		this.now = Math.max(this.now, due.at);
		due.callback();
	}
}
