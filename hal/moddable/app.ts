/** The app on Moddable: the agent on a port, with the markets and the face of this image. */
import { main } from "../../src/main.js";
import type { Port } from "../hal.js";
import { face } from "./face.js";
import { markets } from "./markets.js";

/** Runs the agent to its end. */
export async function run(port: Port): Promise<void> {
	/**
	 * The engine calls it when it cannot go on: no memory, or an exception that nobody took. What the device knows is in its
	 * flash, so it starts anew.
	 */
	Object.assign(globalThis, { abort: (why: string) => (port.fail === undefined ? port.restart(why) : port.fail(why)) });
	await main({ ...port, ...(await face()) }, await markets());
}
