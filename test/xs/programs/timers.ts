/** Timers in the order they fall due; one that was cleared never does. */
import { createPort } from "../../../hal/xs/port.js";

export default function (): void {
	const { timer, log, clock } = createPort();
	const start = clock.monotonic();
	const say = (name: string, after: number) =>
		timer.set(() => log({ event: "fired", name, early: clock.monotonic() - start < after }), after);
	say("c", 30);
	say("a", 10);
	const never = say("never", 15);
	say("b", 20);
	say("b again", 20);
	timer.clear(never);
	timer.clear(never);
	timer.set(() => say("nested", 0), 40);
}
