/**
 * The display of a port. It paints from a timer: the stack is the painter's alone then, not on top of the agent's, and of facts
 * that come together the last are painted.
 */
import Timer from "timer";
import type { Display, DisplayState } from "../../src/device/display.js";
import { createPainter } from "./painter.js";

export function createDisplay(): Display {
	const painter = createPainter();
	let waiting: DisplayState | undefined;

	function paint(): void {
		const facts = waiting!;
		waiting = undefined;
		painter.show(facts);
	}

	return {
		show(facts) {
			if (waiting === undefined) Timer.set(paint, 0);
			waiting = facts;
		},
	};
}
