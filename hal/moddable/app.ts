/** The app on Moddable: the agent on a port, with the markets and the display of this image. */

import type { Port } from "../../src/device/port.js";
import { main } from "../../src/main.js";
import { display } from "./display.js";
import { markets } from "./markets.js";

/**
 * Sets the function that the engine calls when it cannot continue: no memory, or an unhandled exception. Until it is set, the
 * engine ends without a word.
 */
export function onAbort(act: (why: string) => void): void {
	Object.assign(globalThis, { abort: act });
}

/** Runs the agent to its end. The device's state is in flash, so an abort restarts it. */
export async function run(port: Port): Promise<void> {
	onAbort((why) => (port.fail === undefined ? port.restart(why) : port.fail(why)));
	await main({ ...port, ...(await display()) }, await markets());
}
