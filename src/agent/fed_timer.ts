/**
 * Waits that feed the watchdog. A wait for a network, a seller or the next plan may last longer than the watchdog has
 * patience; every wait of this firmware is bounded by a timer, so it is the timers that feed: each in steps, as long as it
 * is set. Where code spins, or waits for what no timer bounds, nothing is fed, and the watchdog does what it is for.
 */
import type { Timer, TimerHandle } from "../http/timer.js";

/** Well below the patience of a task watchdog, which is half a minute or more on the boards. */
const STEP_MS = 10_000;

interface Steps {
	timer: TimerHandle | undefined;
}

export function fedTimer(timer: Timer, watchdog: { feed(): void }): Timer {
	const wait = (steps: Steps, callback: () => void, rest: number): void => {
		const step = Math.min(rest, STEP_MS);
		steps.timer = timer.set(() => {
			watchdog.feed();
			steps.timer = undefined;
			if (rest > step) wait(steps, callback, rest - step);
			else callback();
		}, step);
	};
	return {
		set(callback, milliseconds) {
			const steps: Steps = { timer: undefined };
			wait(steps, callback, milliseconds);
			return steps;
		},
		clear(handle) {
			const steps = handle as Steps;
			if (steps.timer !== undefined) timer.clear(steps.timer);
			steps.timer = undefined;
		},
	};
}
