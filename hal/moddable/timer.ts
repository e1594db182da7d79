/** Adapts the SDK's timer to src/device/timer.ts, for waits of any length. */
import SdkTimer from "timer";
import type { Timer, TimerHandle } from "../../src/device/timer.js";

/** The longest wait of the SDK's timer, which counts to 2^31 milliseconds. */
const LONGEST = 1_000_000_000;

interface Alarm {
	timer: SdkTimer | undefined;
}

export const timer: Timer = Object.freeze({
	set(callback: () => void, milliseconds: number): TimerHandle {
		const alarm: Alarm = { timer: undefined };
		wait(alarm, callback, Math.max(0, Math.ceil(milliseconds)));
		return alarm;
	},
	clear(handle: TimerHandle): void {
		const alarm = handle as Alarm;
		SdkTimer.clear(alarm.timer);
		alarm.timer = undefined;
	},
});

function wait(alarm: Alarm, callback: () => void, rest: number): void {
	const step = Math.min(rest, LONGEST);
	alarm.timer = SdkTimer.set(() => {
		alarm.timer = undefined;
		if (step < rest) wait(alarm, callback, rest - step);
		else callback();
	}, step);
}
