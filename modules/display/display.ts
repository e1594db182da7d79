/**
 * Shows a device's state on a screen, for a board that has one: its manifest includes this folder's. It needs Poco, fonts and QR
 * codes of the Moddable SDK, and of this project the types in src/device.
 *
 * Painting runs from a timer, so that it has the whole stack and not only what the agent leaves of it; of several states in
 * one turn only the last is painted.
 */
import Timer from "timer";
import type { Display, DisplayState } from "../../src/device/display.js";
import { createPainter } from "./painter.js";

export function createDisplay(): Display {
	const painter = createPainter();
	let waiting: DisplayState | undefined;

	function paint(): void {
		const state = waiting!;
		waiting = undefined;
		painter.show(state);
	}

	return {
		show(state) {
			if (waiting === undefined) Timer.set(paint, 0);
			waiting = state;
		},
	};
}
