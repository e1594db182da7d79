/** The app in the desktop simulator. The SDK calls the default export once. */
import { onAbort, run } from "../moddable/app.js";
import { exit } from "./natives.js";
import { createPort } from "./port.js";
import { readSettings } from "./settings.js";

export default async function (): Promise<void> {
	onAbort((why) => exit.call(undefined, 1, why));
	const settings = readSettings();
	await run(createPort(settings));
	// A window stays open, to show the last state.
	if (!settings.hasScreen) exit.call(undefined, 0, undefined);
}
