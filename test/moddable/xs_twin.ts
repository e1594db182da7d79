/** The firmware on the XS host, with a clock and a generator that a test can repeat. */
import { markets } from "../../hal/markets.js";
import { createPort } from "../../hal/xs/port.js";
import { main } from "../../src/main.js";
import { twinOf } from "./twin.js";

export default function (): Promise<void> {
	return main(twinOf(createPort()), markets);
}
