/** The app on an ESP32. The SDK calls the default export once. */
import type { ConsoleLine } from "../../src/device/console_line.js";
import { onAbort, run } from "../moddable/app.js";
import { timer } from "../moddable/timer.js";
import { restart, startedBy } from "./device.js";
import { createPort } from "./port.js";
import { openConsole } from "./serial_console.js";

declare function trace(text: string): void;

/** The wait before a device that failed to start restarts. A new image that fails to start is then rolled back. */
const AGAIN_MS = 60_000;

export default function (): Promise<void> {
	// First of all: the next start tells the reason.
	onAbort((reason) => restart.call(undefined, reason));
	const why = startedBy.call(undefined);
	const console = openConsole();
	const log = (event: object) => writeLine(console, JSON.stringify(event));
	log({ event: "boot", startedBy: why });
	const failed = ({ name, message }: Error) => {
		log({ event: "error", name, message });
		timer.set(() => restart.call(undefined, `it did not start: ${name}`), AGAIN_MS);
	};
	try {
		return run(createPort({ log, console, startedBy: why })).catch(failed);
	} catch (error) {
		failed(error as Error);
		return Promise.resolve();
	}
}

/** Prints a line that the serial line does not show when the debugger has it. */
function writeLine(console: ConsoleLine | undefined, line: string): void {
	if (console !== undefined) console.write(line);
	else trace(`${line}\n`);
}
