/** The app on Moddable: the agent on a port, with the markets and the display of this image. */

import type { Port } from "../../src/device/port.js";
import { main } from "../../src/main.js";
import { display } from "./display.js";
import { markets } from "./markets.js";

/** Runs the agent to its end. */
export async function run(port: Port): Promise<void> {
	/**
	 * Called by the engine when it cannot continue: no memory, or an unhandled exception. The device's state is in flash, so it
	 * restarts.
	 */
	Object.assign(globalThis, { abort: (why: string) => (port.fail === undefined ? port.restart(why) : port.fail(why)) });
	await main({ ...port, ...(await display()) }, await markets());
}
