/**
 * The face of a port. It paints from a timer: the stack is the painter's alone then, not on top of the agent's, and of facts
 * that come together the last are painted.
 */
import Timer from "timer";
import type { Face, Facts } from "../hal.js";
import { createPainter } from "./painter.js";

export function createFace(): Face {
	const painter = createPainter();
	let waiting: Facts | undefined;

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
