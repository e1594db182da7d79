/**
 * `npm start`: without `--config` the demonstration, a device and the world it buys in; with it the firmware alone.
 */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { readOptions } from "./cli/options.js";
import { withProgress } from "./cli/progress.js";
import { expectedEnds } from "./demonstration/expected_ends.js";
import { type Engine, type FirmwareEvent, runFirmware } from "./firmware.js";
import { EventPrinter } from "./start/event_printer.js";
import { endedAsExpected, summarize } from "./start/summary.js";
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

const options = readOptions(USAGE, checkedOptions);
const write = (line: string) => process.stdout.write(`${line}\n`);
/** A configuration of one's own is expected to deliver. */
const expected = options.config === undefined ? expectedEnds : undefined;
const narrator = new EventPrinter(options.json ? () => {} : write, expected);
const tell = (line: string) => (options.json ? process.stderr : process.stdout).write(`  ${line}\n`);

const engine = chooseEngine();
const build =
	engine === "xs" ? await withProgress("building the XS host", buildXs({ onProgress: tell }), tell) : undefined;
narrator.line("engine", engineInWords(build));
process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
	if (options.config !== undefined) return await runDevice(readConfiguration(options.config), options.flash!);
	const { startDemonstration } = await import("./demonstration/demonstration.js");
	const demonstration = await withProgress("starting a chain, sellers and markets", startDemonstration(), tell);
	try {
		for (const [index, line] of demonstration.inWords.entries()) narrator.line(index === 0 ? "world" : "", line);
		const { address, agent } = await firstBoot(demonstration.empty, demonstration.flash);
		await demonstration.fund(address, agent);
		return await runDevice(demonstration.configuration, demonstration.flash);
	} finally {
		await demonstration.stop();
	}
}

/** At its first boot a device makes its keys, and says whose they are. */
async function firstBoot(configuration: string, flash: string): Promise<{ address: string; agent: string }> {
	const told = { address: "", agent: "" };
	const onEvent = ({ address, agent }: FirmwareEvent) => {
		if (typeof address === "string") told.address = address;
		if (typeof agent === "string") told.agent = agent;
	};
	await runFirmware({ engine, build, configuration, flash, onEvent });
	return told;
}

async function runDevice(configuration: string, flash: string): Promise<boolean> {
	const events: FirmwareEvent[] = [];
	const onEvent = (event: FirmwareEvent) => {
		events.push(event);
		if (options.json) write(JSON.stringify(event));
		else narrator.tell(event);
	};
	const { arena, cut, ca } = options;
	const running = runFirmware({ engine, build, configuration, flash, arena, cut, ca, onEvent });
	const result = await withProgress(() => progressOf(events), running, tell);
	narrator.end(events, result);
	if (options.json) write(JSON.stringify(summarize(events, result)));
	if (result.reason !== undefined) process.stderr.write(`micropayer: ${result.reason}\n`);
	return endedAsExpected(events, result, expected);
}

/** What the device is at. */
function progressOf(events: readonly FirmwareEvent[]): string {
	const last = events.at(-1);
	return last?.event === "buying" ? `buying "${last.plan}"` : "the device is waiting";
}

function chooseEngine(): Engine {
	if (options.engine !== undefined) return options.engine;
	if (xsAvailable()) return "xs";
	process.stderr.write(
		"micropayer: no C compiler, so the agent runs on Node, not on XS (Debian: apt install gcc gcc-multilib)\n",
	);
	return "node";
}

function engineInWords(build: XsBuild | undefined): string {
	if (build === undefined) return `Node ${process.versions.node}, without a device's limits`;
	const { bits } = build;
	const arena = options.arena ?? (bits === 32 ? 94_208 : 188_416);
	const note = bits === 32 ? "" : ": no gcc-multilib, so slots and limits are twice a device's";
	return `XS, ${bits}-bit slots, ${arena.toLocaleString("en")} bytes of memory${note}`;
}

function readConfiguration(file: string): string {
	const text = readFileSync(file, "utf8");
	if (options.count === undefined) return text;
	try {
		return JSON.stringify({ ...(JSON.parse(text) as object), count: options.count });
	} catch {
		// The device refuses it, and says why.
		return text;
	}
}

function checkedOptions() {
	const text = { type: "string" } as const;
	const flag = { type: "boolean" } as const;
	const { values } = parseArgs({
		options: {
			config: text,
			flash: text,
			count: text,
			engine: text,
			arena: text,
			ca: text,
			cut: text,
			json: flag,
			help: flag,
		},
	});
	if (values.help) {
		process.stdout.write(USAGE);
		process.exit(0);
	}
	const { config, flash, engine, cut } = values;
	if (config !== undefined && !existsSync(config)) throw new Error(`--config: there is no file ${config}`);
	if ((config === undefined) !== (flash === undefined)) throw new Error("--config and --flash go together");
	if (engine !== undefined && engine !== "xs" && engine !== "node") throw new Error("--engine: expected xs or node");
	return {
		config,
		flash,
		engine,
		json: values.json ?? false,
		count: number("count", values.count, 1, 1_000_000),
		arena: number("arena", values.arena, 16_384, 1 << 28),
		ca: values.ca === undefined ? undefined : readFileSync(values.ca, "utf8"),
		cut: cut === undefined ? undefined : readCut(cut),
	} as const;
}

function number(name: string, text: string | undefined, from: number, to: number): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < from || value > to) {
		throw new Error(`--${name}: expected an integer from ${from} to ${to}, got "${text}"`);
	}
	return value;
}

function readCut(text: string) {
	const [operation, phase = "before"] = text.split(":");
	if (phase !== "before" && phase !== "after") throw new Error(`--cut: expected N, N:before or N:after, got "${text}"`);
	return { operation: number("cut", operation, 1, 1_000_000)!, phase } as const;
}
