/** Runs the display alone, without its timer: it shows each state that the simulator's host sends as a message. */
import type { DisplayState } from "../../../src/device/display.js";
import { createPainter } from "../painter.js";

const painter = createPainter();

Object.assign(screen, {
	context: { onMessage: (state: string) => painter.show(JSON.parse(state) as DisplayState) },
});
