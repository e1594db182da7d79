/**
 * Runs a program on the XS host: one process, one device. The helper at the other end of its link lives here.
 * @module
 */
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { ConsoleStreams } from "../../hal/node/stream_console.js";
import { buildXs, type XsBuild } from "./build.js";
import { serveLink } from "./link.js";

/** The exit codes of hal/xs/host.h. */
export const EXIT = Object.freeze({
	done: 0,
	usage: 64,
	memoryFull: 70,
	stackOverflow: 71,
	unhandled: 72,
	cut: 73,
	linkLost: 74,
	restart: 75,
	romWrite: 76,
	flashInUse: 78,
});

export type CutPhase = "before" | "during" | "after";

export interface XsRunOptions {
	/** Default: the firmware, built if needed. */
	readonly build?: XsBuild | undefined;
	/** The device's flash: a folder, made if it is not there. */
	readonly flash: string;
	/** The configuration's JSON text. */
	readonly configuration?: string | undefined;
	/** Bytes of the machine's arena. Default: 94,208 (twice that with 64 bits). */
	readonly arena?: number | undefined;
	/** Slots of the machine's stack. Default: 768. */
	readonly stack?: number | undefined;
	/** Wall time: not set, or off by some seconds. */
	readonly clock?: "unset" | number | undefined;
	/** Cuts the power at the n-th host operation (from 1): a storage write or delete, an open, a send, a receive, a timer. */
	readonly cut?: { readonly operation: number; readonly phase?: CutPhase | undefined } | undefined;
	/** Flash refuses every n-th write. Default: none. */
	readonly refuseEvery?: number | undefined;
	/** A certificate (PEM) to trust beside the well-known ones. */
	readonly ca?: string | undefined;
	/** Milliseconds after which the process is killed. Default: never. */
	readonly timeout?: number | undefined;
	/** Switches the device off. */
	readonly signal?: AbortSignal | undefined;
	/** The owner's console. When its input ends, the device is switched off: exit code 74. */
	readonly console?: ConsoleStreams | undefined;
	/** Called once the device runs. `measure` asks it for a measure of its heap. */
	readonly onStart?: ((measure: () => void) => void) | undefined;
	/** Called with each measure that was asked for. */
	readonly onMeasure?: ((heap: HeapMeasure) => void) | undefined;
	/** Each event of the program's log. */
	readonly onEvent?: ((event: Record<string, unknown>) => void) | undefined;
}

/** Bytes, of the whole arena and its parts. */
export interface XsHeap {
	readonly limit: number;
	/** Chunks and slots at their highest together, and the stack as reserved: the arena must have as much. */
	readonly taken: number;
	/** The same with the stack's high-water mark alone. */
	readonly peak: number;
	readonly slotsPeak: number;
	readonly chunksPeak: number;
	readonly stackPeak: number;
	/** After the clone, before the program starts. */
	readonly startSlots: number;
	readonly startChunks: number;
	/** The size in ROM of the preloaded modules and the engine. */
	readonly romSlots: number;
	readonly romChunks: number;
	/** Key, name and alias tables, which a device allocates beside the arena. */
	readonly tables: number;
}

export interface XsResult {
	/** `null` when the process was killed. */
	readonly exitCode: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly bits: 32 | 64;
	readonly heap: XsHeap;
	/** Engine steps of the program: the same from run to run. */
	readonly meter: number;
	/** Host operations, as `cut` counts them. */
	readonly operations: number;
	/** Writes that flash refused, by `refuseEvery`. */
	readonly refusedWrites: number;
	/** Why it ended, unless it ran to its end. */
	readonly reason?: string;
	/** The standard error of the process. */
	readonly stderr: string;
}

/** Bytes. */
export interface HeapMeasure {
	/** After a garbage collection. */
	readonly live: number;
	/** Since the measure before. */
	readonly peak: number;
}

interface Report {
	readonly bits: 32 | 64;
	readonly heap: XsHeap;
	readonly meter: number;
	readonly operations: number;
	readonly refusedWrites: number;
	readonly reason?: string;
}

/** The descriptor that the configuration comes on: it may hold API keys, so it is in no file. */
const CONFIGURATION: number = 5;
const STDERR_MAX = 65536;
const NO_HEAP: XsHeap = {
	limit: 0,
	taken: 0,
	peak: 0,
	slotsPeak: 0,
	chunksPeak: 0,
	stackPeak: 0,
	startSlots: 0,
	startChunks: 0,
	romSlots: 0,
	romChunks: 0,
	tables: 0,
};

/**
 * Runs the device until its program ends, its power is cut, or it fails. Resolves when its last socket is closed too.
 * @throws HostError as `buildXs` does, when no build is given
 */
export async function runXs(options: XsRunOptions): Promise<XsResult> {
	return await runProcess(options.build ?? (await buildXs()), options);
}

function parametersOf(build: XsBuild, options: XsRunOptions): string[] {
	const parameters = ["--modules", build.modules, "--entry", build.entry, "--flash", options.flash];
	const add = (name: string, value: string | number | undefined) => {
		if (value !== undefined) parameters.push(name, String(value));
	};
	const { cut } = options;
	const clock = clockOf(options.clock);
	add("--config", options.configuration === undefined ? undefined : CONFIGURATION);
	add("--arena", options.arena);
	add("--stack", options.stack);
	add("--clock", typeof clock === "number" ? `${clock < 0 ? "" : "+"}${clock}` : clock);
	add("--refuse-every", options.refuseEvery);
	add("--console", options.console && "yes");
	add("--cut", cut && `${cut.operation}:${cut.phase ?? "before"}`);
	return parameters;
}

/**
 * `MICROPAYER_CLOCK_AHEAD`, seconds, sets the clocks of devices ahead with everything else's: the tests run once under a later
 * date, and what gives that date to Node and to the chain cannot be loaded into a 32-bit program.
 */
function clockOf(clock: XsRunOptions["clock"]): XsRunOptions["clock"] {
	const ahead = Number(process.env.MICROPAYER_CLOCK_AHEAD ?? 0);
	return clock === "unset" || ahead === 0 ? clock : (clock ?? 0) + ahead;
}

/** The environment, without a library that is preloaded into 64-bit programs. */
function environmentOf(): NodeJS.ProcessEnv {
	const { LD_PRELOAD, ...environment } = process.env;
	return LD_PRELOAD === undefined ? process.env : environment;
}

async function runProcess(build: XsBuild, options: XsRunOptions): Promise<XsResult> {
	let stderr = "";
	let report: Report | undefined;
	let timedOut = false;
	const child = spawn(build.executable, parametersOf(build, options), {
		stdio: ["ignore", "ignore", "pipe", "pipe", "pipe", "pipe"],
		env: environmentOf(),
	});
	// A device that ends before it has read leaves a broken pipe behind.
	(child.stdio[CONFIGURATION] as Writable).on("error", () => {}).end(options.configuration);
	const kill = () => child.kill("SIGKILL");
	process.once("exit", kill);
	options.signal?.addEventListener("abort", kill, { once: true });
	const timer =
		options.timeout &&
		setTimeout(() => {
			timedOut = true;
			kill();
		}, options.timeout);
	const ended = new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (exitCode, signal) => resolve({ exitCode, signal }));
	});
	child.stderr!.setEncoding("utf8").on("data", (text: string) => {
		stderr = (stderr + text).slice(-STDERR_MAX);
	});
	options.onStart?.(() => child.kill("SIGUSR1"));
	try {
		const served = serveLink({
			toDevice: child.stdio[3] as Writable,
			fromDevice: child.stdio[4] as Readable,
			onEvent: (text) => options.onEvent?.(JSON.parse(text) as Record<string, unknown>),
			onReport: (text) => {
				const received = JSON.parse(text) as Report | { readonly heap: HeapMeasure };
				if ("bits" in received) report = received;
				else options.onMeasure?.(received.heap);
			},
			ca: options.ca,
			console: options.console,
		});
		const [{ exitCode, signal }] = await Promise.all([ended, served]);
		const ending = signal === null ? report?.reason : `the engine was ended by ${signal}`;
		const reason = timedOut ? `killed after ${options.timeout} ms` : ending;
		return {
			exitCode,
			signal,
			bits: build.bits,
			heap: report?.heap ?? NO_HEAP,
			meter: report?.meter ?? 0,
			operations: report?.operations ?? 0,
			refusedWrites: report?.refusedWrites ?? 0,
			...(reason === undefined ? {} : { reason }),
			stderr,
		};
	} finally {
		clearTimeout(timer || undefined);
		process.removeListener("exit", kill);
		kill();
	}
}
