/** The face alone: it shows the facts that the simulator's host sends as a message. */
import type { Facts } from "../../hal.js";
import { createFace } from "../face.js";

const face = createFace();

Object.assign(screen, {
	context: { onMessage: (facts: string) => face.show(JSON.parse(facts) as Facts) },
});
