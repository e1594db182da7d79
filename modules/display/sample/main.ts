/** The display alone, without its timer: it shows the facts that the simulator's host sends as a message. */
import type { DisplayState } from "../../../src/device/display.js";
import { createPainter } from "../painter.js";

const painter = createPainter();

Object.assign(screen, {
	context: { onMessage: (facts: string) => painter.show(JSON.parse(facts) as DisplayState) },
});
