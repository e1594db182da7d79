/** The firmware on the XS host, with a clock and a generator that a test can repeat. */

import { createPort } from "../../hal/xs/port.js";
import { main } from "../../src/main.js";
import { markets } from "../../src/markets/list.js";
import { twinOf } from "./twin.js";

export default function (): Promise<void> {
	return main(twinOf(createPort()), markets);
}
