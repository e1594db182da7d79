/** The programs of these tests in the simulator. `MICROPAYER_PROGRAM` names the one to run. */

import { run } from "../../../hal/moddable/app.js";
import { exit, setting } from "../../../hal/sim/natives.js";
import { createPort } from "../../../hal/sim/port.js";
import { readSettings } from "../../../hal/sim/settings.js";
import type { Port } from "../../../src/device/port.js";
import { twinOf } from "../twin.js";
import { storage, writeForEver } from "./storage.js";
import { vectors } from "./vectors.js";

const PROGRAMS: Readonly<Record<string, (port: Port) => void | Promise<void>>> = Object.freeze({
	vectors,
	storage,
	writeForEver,
	twin: (port: Port) => run(twinOf(port)),
	fault,
});

/** An exception in a callback, where no code of ours is around it. */
async function fault(port: Port): Promise<void> {
	await run(port);
	await new Promise(() => {
		port.timer.set(() => {
			throw new Error("nobody takes this");
		}, 0);
	});
}

export default async function (): Promise<void> {
	await PROGRAMS[setting.call(undefined, "MICROPAYER_PROGRAM") ?? ""]!(createPort(readSettings()));
	exit.call(undefined, 0, undefined);
}
