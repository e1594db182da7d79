/** `npm run sim`: the firmware as a Moddable app on this machine, in the SDK's simulator or without a display. */
import { runCommand } from "./cli/command.js";
import { existingFile, FLAG, integer, readOptions, requireNone, TEXT } from "./cli/options.js";
import { findSdk } from "./moddable/sdk.js";
import { buildSimulator, runSimulator } from "./moddable/simulator.js";
import { RunReport } from "./start/run_report.js";

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

/** The exit code of a device that asked for a restart. */
const EXIT_RESTART = 75;

const { json, ...options } = readOptions(
	USAGE,
	{
		config: TEXT,
		flash: TEXT,
		ca: TEXT,
		dns: { type: "string", multiple: true },
		console: TEXT,
		headless: FLAG,
		json: FLAG,
	},
	({ flash, config, ca, dns, console, headless = false, json = false }, positionals) => {
		requireNone(positionals);
		if (flash === undefined) throw new Error("--flash: expected a folder");
		return {
			flash,
			config: existingFile("config", config),
			ca: existingFile("ca", ca),
			consolePort: integer("console", console, 1, 65_535),
			nameServers: dns,
			isHeadless: headless,
			json,
		};
	},
);
const report = new RunReport(json);
await runCommand(async () => ((await run()) ? 0 : 1));

async function run(): Promise<boolean> {
	findSdk();
	report.progress("building the app with mcconfig; the first time takes a minute");
	const build = buildSimulator();
	report.line("engine", `XS of the Moddable SDK, for ${build.sdk.platform}, without a device's limits`);
	const simulator = { ...options, build, onEvent: report.onEvent };
	let result = await runSimulator(simulator);
	// Changes at the console take effect by a restart, as on a board.
	while (result.exitCode === EXIT_RESTART && options.consolePort !== undefined) result = await runSimulator(simulator);
	return report.end(result);
}
