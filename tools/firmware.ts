/**
 * The firmware on this machine, on either engine: XS with a microcontroller's memory, or Node if there is no C compiler.
 *
 * @module
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ConsoleStreams } from "../hal/node/stream_console.js";
import { prepareFlash } from "./cli/flash_folder.js";
import { HostError } from "./cli/host_error.js";
import { buildXs, type XsBuild } from "./xs/build.js";
import { type CutPhase, EXIT, type HeapMeasure, runXs, type XsHeap } from "./xs/run.js";

export type Engine = "xs" | "node";
export type FirmwareEvent = Readonly<Record<string, unknown>> & { readonly event: string };

export interface FirmwareOptions {
	readonly engine: Engine;
	/** The owner's configuration, JSON text. Without one, the console sets it. */
	readonly configuration?: string | undefined;
	/** The device's flash: a folder. */
	readonly flash: string;
	/** The XS build. Default: built if needed. */
	readonly build?: XsBuild | undefined;
	/** Bytes of the XS machine's memory. Default: the ESP32-C3's. */
	readonly arena?: number | undefined;
	readonly cut?: { readonly operation: number; readonly phase: CutPhase } | undefined;
	/** Wall time: unset, or off by that many seconds. */
	readonly clock?: "unset" | number | undefined;
	/** Flash refuses every n-th write. Default: none. */
	readonly refuseEvery?: number | undefined;
	/** Called once the device runs. `measure` requests a measurement of its heap. */
	readonly onStart?: ((measure: () => void) => void) | undefined;
	readonly onMeasure?: ((heap: HeapMeasure) => void) | undefined;
	/** A certificate (PEM) to trust in addition to the well-known ones. */
	readonly ca?: string | undefined;
	/** Milliseconds after which the device is switched off for good. Default: never. */
	readonly timeout?: number | undefined;
	/** Switches the device off. */
	readonly signal?: AbortSignal | undefined;
	/** The owner's console. When its input ends, the device is switched off: exit code 74. */
	readonly console?: ConsoleStreams | undefined;
	readonly onEvent: (event: FirmwareEvent) => void;
}

export interface FirmwareResult {
	readonly engine: Engine | "moddable";
	readonly bits: 32 | 64;
	/** `null` if the process was killed. 73: the power was cut. */
	readonly exitCode: number | null;
	/** Host operations, as `cut` counts them. */
	readonly operations: number;
	/** Writes that flash refused, by `refuseEvery`. */
	readonly refusedWrites: number;
	/** The reason why it ended, unless it ran to its end. */
	readonly reason: string | undefined;
	/** `undefined` on Node: its memory is not a device's. */
	readonly heap: XsHeap | undefined;
	readonly meter: number | undefined;
}

/** @throws HostError `FlashInUse`, `FlashUnusable`, and what `buildXs` throws */
export async function runFirmware(options: FirmwareOptions): Promise<FirmwareResult> {
	prepareFlash(options.flash);
	return withFlash(options.engine === "xs" ? await runOnXs(options) : await runOnNode(options));
}

/** Returns the result of a device that had its flash; throws if another process has it. */
export function withFlash(result: FirmwareResult): FirmwareResult {
	if (result.exitCode !== EXIT.flashInUse) return result;
	throw new HostError("FlashInUse", `${result.reason}: end that process first, or use its console`);
}

async function runOnXs({ engine, onEvent, build, ...options }: FirmwareOptions): Promise<FirmwareResult> {
	const result = await runXs({
		...options,
		build: build ?? (await buildXs()),
		onEvent: (event) => onEvent(event as FirmwareEvent),
	});
	const { bits, exitCode, operations, refusedWrites, reason, heap, meter } = result;
	return { engine, bits, exitCode, operations, refusedWrites, reason, heap, meter };
}

const NODE_MAIN = fileURLToPath(new URL("node_main.ts", import.meta.url));

async function runOnNode(options: FirmwareOptions): Promise<FirmwareResult> {
	const { configuration, flash, cut, clock, ca, refuseEvery, timeout, console, onEvent } = options;
	const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), NODE_MAIN], {
		cwd: path.dirname(NODE_MAIN),
		stdio: ["pipe", "pipe", "pipe", "pipe", "pipe"],
	});
	const toConsole = child.stdio[3] as Writable;
	// A device that has ended leaves a broken pipe behind.
	console?.input.pipe(toConsole.on("error", () => {}));
	createInterface({ input: child.stdio[4] as Readable }).on("line", (line) => console?.onLine(line));
	const kill = () => child.kill("SIGKILL");
	process.once("exit", kill);
	options.signal?.addEventListener("abort", kill, { once: true });
	const alarm = timeout && setTimeout(kill, timeout);
	let operations = 0;
	let refusedWrites = 0;
	let stderr = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr = (stderr + text).slice(-4_096);
	});
	createInterface({ input: child.stdout }).on("line", (line) => {
		const event = JSON.parse(line) as FirmwareEvent;
		if (event.event === "operations") {
			operations = event.count as number;
			refusedWrites = event.refusedWrites as number;
		} else if (event.event === "measure") options.onMeasure?.(event as unknown as HeapMeasure);
		else onEvent(event);
	});
	child.stdin.end(
		JSON.stringify({
			configuration,
			flash: path.resolve(flash),
			cut,
			clock,
			ca,
			refuseEvery,
			hasConsole: console !== undefined,
		}),
	);
	options.onStart?.(() => child.kill("SIGUSR2"));
	const exitCode = await new Promise<number | null>((resolve, reject) => {
		child.once("error", reject).once("close", resolve);
	});
	clearTimeout(alarm || undefined);
	process.removeListener("exit", kill);
	const reason = exitCode === 0 ? undefined : stderr.trim() || `exit code ${exitCode}`;
	return {
		engine: "node",
		bits: 64,
		exitCode,
		operations,
		refusedWrites,
		reason,
		heap: undefined,
		meter: undefined,
	};
}
