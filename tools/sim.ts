/** `npm run sim`: the firmware as a Moddable app on this machine, in the SDK's simulator or without a display. */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { HostError } from "./cli/host_error.js";
import { readOptions } from "./cli/options.js";
import type { FirmwareEvent } from "./firmware.js";
import { findSdk } from "./moddable/sdk.js";
import { buildSimulator, runSimulator } from "./moddable/simulator.js";
import { EventPrinter } from "./start/event_printer.js";
import { endedAsExpected, summarize } from "./start/summary.js";

const USAGE = `npm run sim -- [OPTIONS]

Builds the firmware with the Moddable SDK (MODDABLE names its folder) for this machine, and runs it.

  --flash DIR       the device's flash: its keys and its ledger (required)
  --config FILE     the owner's configuration; without it, the console sets one
  --headless        without the simulator's window, so without a display (Linux)
  --ca FILE         certificates (PEM or DER) to trust beside those in the image
  --dns ADDRESS     a name server (IPv4) in the place of this machine's
  --console PORT    the owner's console on this port of this machine (npm run console -- --tcp PORT)
  --json            one event a line on standard output; the last is the summary
  --help
`;

/** The device asked to be started anew. */
const EXIT_RESTART = 75;

const options = readOptions(USAGE, checkedOptions);
const write = (line: string) => process.stdout.write(`${line}\n`);
const narrator = new EventPrinter(options.json ? () => {} : write);
const tell = (line: string) => (options.json ? process.stderr : process.stdout).write(`  ${line}\n`);

try {
	process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
	if (!(error instanceof HostError)) throw error;
	process.stderr.write(`micropayer: ${error.message}\n`);
	process.exitCode = 69;
}

async function run(): Promise<boolean> {
	findSdk();
	tell("building the app with mcconfig; the first time takes a minute");
	const build = buildSimulator();
	narrator.line("engine", `XS of the Moddable SDK, for ${build.sdk.platform}, without a device's limits`);
	const events: FirmwareEvent[] = [];
	const onEvent = (event: FirmwareEvent) => {
		events.push(event);
		if (options.json) write(JSON.stringify(event));
		else narrator.tell(event);
	};
	let result = await runSimulator({ ...options, build, onEvent });
	// What the console changes takes effect by a restart, as on a board.
	while (result.exitCode === EXIT_RESTART && options.consolePort !== undefined) {
		result = await runSimulator({ ...options, build, onEvent });
	}
	narrator.end(events, result);
	if (options.json) write(JSON.stringify(summarize(events, result)));
	if (result.reason !== undefined) process.stderr.write(`micropayer: ${result.reason}\n`);
	return endedAsExpected(events, result);
}

function checkedOptions() {
	const text = { type: "string" } as const;
	const flag = { type: "boolean" } as const;
	const { values } = parseArgs({
		options: {
			config: text,
			flash: text,
			ca: text,
			dns: { type: "string", multiple: true },
			console: text,
			headless: flag,
			json: flag,
			help: flag,
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		process.exit(0);
	}
	const { flash, config, ca, dns, console } = values;
	if (flash === undefined) throw new Error("--flash: expected a folder");
	for (const [name, file] of Object.entries({ config, ca })) {
		if (file !== undefined && !existsSync(file)) throw new Error(`--${name}: there is no file ${file}`);
	}
	const consolePort = console === undefined ? undefined : Number(console);
	if (consolePort !== undefined && !(Number.isInteger(consolePort) && consolePort >= 1 && consolePort <= 65_535)) {
		throw new Error(`--console: expected a port from 1 to 65535, got "${console}"`);
	}
	const isHeadless = values.headless ?? false;
	return { flash, config, ca, consolePort, nameServers: dns, isHeadless, json: values.json ?? false } as const;
}
