import type { Timer, TimerHandle } from "../../../src/device/timer.js";

/** Time that stands still until a test moves it. */
export class FakeTimer implements Timer {
	now = 0;
	#waiting = new Map<object, { at: number; callback: () => void }>();

	set(callback: () => void, milliseconds: number): TimerHandle {
		const handle = {};
		this.#waiting.set(handle, { at: this.now + milliseconds, callback });
		return handle;
	}

	clear(handle: TimerHandle): void {
		this.#waiting.delete(handle as object);
	}

	/** Timers that have not fired and were not cleared. */
	get pending(): number {
		return this.#waiting.size;
	}

	/** Moves time on, firing what falls due in order, and lets everything that follows from it happen. */
	async advance(milliseconds: number): Promise<void> {
		const end = this.now + milliseconds;
		for (;;) {
			await settle();
			const due = [...this.#waiting].filter(([, { at }]) => at <= end).sort((a, b) => a[1].at - b[1].at)[0];
			if (due === undefined) break;
			this.#waiting.delete(due[0]);
			this.now = due[1].at;
			due[1].callback();
		}
		this.now = end;
		await settle();
	}
}

/** Lets every promise that can settle do so. */
export function settle(): Promise<void> {
	return new Promise((resolve) => setImmediate(resolve));
}
