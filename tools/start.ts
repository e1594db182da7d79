/**
 * `npm start`: without `--config` the demonstration, a device and the world in which it buys; with it only the firmware.
 */
import { runCommand } from "./cli/command.js";
import { existingFile, FLAG, integer, oneOf, readOptions, requireNone, TEXT, textOf } from "./cli/options.js";
import { withProgress } from "./cli/progress.js";
import { readConfigurationFile } from "./configuration/file.js";
import { expectedEnds } from "./demonstration/expected_ends.js";
import { type Engine, type FirmwareEvent, runFirmware } from "./firmware.js";
import { RunReport } from "./start/run_report.js";
import { buildXs, type XsBuild, xsAvailable } from "./xs/build.js";

const USAGE = `npm start [-- OPTIONS]

Without --config: a day in a device's life. It buys from sellers and at four markets, all on this machine.

  --config FILE     run the firmware alone, against the sellers that FILE names
  --flash DIR       the device's flash: its keys and its ledger (required with --config)
  --count N         stop after N purchases
  --json            one JSON object per line, the last is the summary
  --engine xs|node  the engine (default: xs, if there is a C compiler)
  --arena BYTES     the XS machine's memory (default: 94208, the ESP32-C3's)
  --ca FILE         a certificate (PEM) to trust beside the well-known ones
  --cut N[:after]   cut the power before (after) the N-th host operation
  --help
`;

const options = readOptions(
	USAGE,
	{ config: TEXT, flash: TEXT, count: TEXT, engine: TEXT, arena: TEXT, ca: TEXT, cut: TEXT, json: FLAG },
	({ config, flash, count, engine, arena, ca, cut, json = false }, positionals) => {
		requireNone(positionals);
		if ((config === undefined) !== (flash === undefined)) throw new Error("--config and --flash go together");
		return {
			config: existingFile("config", config),
			flash,
			count: integer("count", count, 1, 1_000_000),
			engine: oneOf("engine", engine, ["xs", "node"]),
			arena: integer("arena", arena, 16_384, 1 << 28),
			ca: textOf("ca", ca),
			cut: cut === undefined ? undefined : readCut(cut),
			json,
		};
	},
);
const report = new RunReport(options.json, options.config === undefined ? expectedEnds : undefined);
const engine = chooseEngine();
let build: XsBuild | undefined;

/** Aborted by Ctrl-C: the device is switched off, which it survives, and the summary is printed. */
const interruption = new AbortController();
const INTERRUPTION = "interrupted: the next run with this flash resumes what was in progress";
/** The exit codes that a shell gives for these signals. */
const INTERRUPTED: Readonly<Partial<Record<NodeJS.Signals, number>>> = { SIGINT: 130, SIGTERM: 143 };

await runCommand(async () => {
	if (engine === "xs") {
		const { progress } = report;
		build = await withProgress("building the XS host", buildXs({ onProgress: progress }), progress);
	}
	report.line("engine", engineInWords(build));
	const isGood = await run();
	return INTERRUPTED[interruption.signal.reason as NodeJS.Signals] ?? (isGood ? 0 : 1);
});

async function run(): Promise<boolean> {
	if (options.config !== undefined) {
		return await runDevice(readConfigurationFile(options.config, options), options.flash!);
	}
	const { startDemonstration } = await import("./demonstration/demonstration.js");
	const starting = startDemonstration();
	const demonstration = await withProgress("starting a chain, sellers and markets", starting, report.progress);
	try {
		for (const [index, line] of demonstration.inWords.entries()) report.line(index === 0 ? "world" : "", line);
		const { address, agent } = await firstBoot(demonstration.empty, demonstration.flash);
		await demonstration.fund(address, agent);
		return await runDevice(demonstration.configuration, demonstration.flash);
	} finally {
		await demonstration.stop();
	}
}

/** Boots the device for the first time: it creates its keys and announces their addresses. */
async function firstBoot(configuration: string, flash: string): Promise<{ address: string; agent: string }> {
	const made = { address: "", agent: "" };
	const onEvent = ({ address, agent }: FirmwareEvent) => {
		if (typeof address === "string") made.address = address;
		if (typeof agent === "string") made.agent = agent;
	};
	await runFirmware({ engine, build, configuration, flash, onEvent });
	return made;
}

async function runDevice(configuration: string, flash: string): Promise<boolean> {
	const { arena, cut, ca } = options;
	const { onEvent } = report;
	const { signal } = interruption;
	const interrupt = (reason: NodeJS.Signals) => interruption.abort(reason);
	for (const name of Object.keys(INTERRUPTED)) process.once(name, interrupt);
	const running = runFirmware({ engine, build, configuration, flash, arena, cut, ca, signal, onEvent });
	const result = await withProgress(progressInWords, running, report.progress);
	// Lets a second Ctrl-C end what may still take a moment.
	for (const name of Object.keys(INTERRUPTED)) process.removeListener(name, interrupt);
	return report.end(signal.aborted ? { ...result, reason: INTERRUPTION } : result);
}

function progressInWords(): string {
	const last = report.lastEvent;
	return last?.event === "buying" ? `buying "${last.plan}"` : "the device is waiting";
}

function chooseEngine(): Engine {
	if (options.engine !== undefined) return options.engine;
	if (xsAvailable()) return "xs";
	const why =
		process.platform === "linux"
			? "no C compiler, so the agent runs on Node, not on XS (Debian: apt install gcc gcc-multilib)"
			: `the agent runs on Node: XS with a device's memory runs on Linux, and this is ${process.platform}`;
	process.stderr.write(`micropayer: ${why}\n`);
	return "node";
}

function engineInWords(build: XsBuild | undefined): string {
	if (build === undefined) return `Node ${process.versions.node}, without a device's limits`;
	const { bits } = build;
	const arena = options.arena ?? (bits === 32 ? 94_208 : 188_416);
	const note = bits === 32 ? "" : ": no gcc-multilib, so slots and limits are twice a device's";
	return `XS, ${bits}-bit slots, ${arena.toLocaleString("en")} bytes of memory${note}`;
}

function readCut(text: string) {
	const [operation, phase = "before"] = text.split(":");
	if (phase !== "before" && phase !== "after") throw new Error(`--cut: expected N, N:before or N:after, got "${text}"`);
	return { operation: integer("cut", operation, 1, 1_000_000)!, phase } as const;
}
