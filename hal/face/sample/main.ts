/** The face alone, without its timer: it shows the facts that the simulator's host sends as a message. */
import type { Facts } from "../../hal.js";
import { createPainter } from "../painter.js";

const painter = createPainter();

Object.assign(screen, {
	context: { onMessage: (facts: string) => painter.show(JSON.parse(facts) as Facts) },
});
