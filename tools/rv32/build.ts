/**
 * XS as a bare-metal rv32imc program, the ESP32-C3's instruction set, in QEMU's `virt` machine, where `minstret` counts
 * instructions exactly. The engine's memory and preloading are the XS host's (`hal/xs/memory.c`, `preload.c`): one arena of a chosen
 * size for the app, everything loaded before it in ROM, which here the core's memory protection guards.
 *
 * The image is the engine, the signer and the natives; it reads by semihosting what it runs. That is the firmware as on the XS
 * host, its modules preloaded and the link (`hal/xs/link.md`) through the board's UART, or a program of the bench: one
 * TypeScript file with all that it imports, bundled into one function, whose bytecode is loaded as ROM and which runs in the
 * app's machine, so that what its modules make when they are evaluated is in the arena. Everything is kept under
 * `build/rv32/`, in folders named by the hash of what went into them.
 *
 * Needs (Debian): apt install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc
 *
 * What a run cannot show: cycles, since there is no cache and no flash. Time passes for the firmware alone; a program's stands
 * still.
 * @module
 */
import { execFile, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { availableParallelism } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import { HostError } from "../cli/errors.js";
import { buildModules } from "../xs/build.js";
import { serveLink } from "../xs/link.js";

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Relative, like all that reaches the device or the compiler: where the project lies changes no instruction. */
const CACHE = "build/rv32";
const BOARD = "hal/rv32";
const FIRMWARE = "hal/xs/main";
const XS = "node_modules/@agoric/xsnap/moddable/xs";
/** Of the XS host. The rest of it is for a desktop. */
const SHARED = [
	...["archive", "link", "machine", "memory", "modules", "natives", "preload"].map((name) => `hal/xs/${name}.c`),
	"hal/xs/folder/flash.c",
];
const TEXT = "node_modules/@agoric/xsnap/moddable/modules/data/text";

const COMPILER = "riscv64-unknown-elf-gcc";
const EMULATOR = "qemu-system-riscv32";
const SPECS = "--specs=picolibc.specs";
/** The descriptor of the UART's other end in the emulator's process. */
const LINK = 3;
const PACKAGES = "apt install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf qemu-system-misc";

const C_FLAGS = [
	SPECS,
	"-march=rv32imc",
	"-mabi=ilp32",
	"-Os",
	"-ffunction-sections",
	"-fdata-sections",
	"-fno-common",
];
const ENGINE_FLAGS = [
	"-D_GNU_SOURCE",
	"-DINCLUDE_XSPLATFORM",
	'-DXSPLATFORM="xs_rv32.h"',
	"-DmxRun=1",
	"-DmxParse=1",
	"-DmxNoConsole=1",
	"-DmxMetering=1",
	"-DmxBoundsCheck=1",
];
const OUR_WARNINGS = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers"];
/** 4 MB of code; 12 MB of static memory, C heap and, at their end, 64 kB of C stack; what board.h maps begins above. */
const LINK_FLAGS = [
	"--oslib=semihost",
	"--crt0=semihost",
	"-Wl,--gc-sections",
	"-Wl,--wrap=fxResolveModule",
	"-Wl,--defsym=__flash=0x80000000",
	"-Wl,--defsym=__flash_size=0x400000",
	"-Wl,--defsym=__ram=0x80400000",
	"-Wl,--defsym=__ram_size=0xc00000",
	"-Wl,--defsym=__heap_end=0x80ff0000",
];

export interface Rv32Image {
	/** Paths, relative to the project's root. */
	readonly elf: string;
	/** The folder of the modules. */
	readonly modules: string;
	/** The entry's name in it. */
	readonly entry: string;
}

export interface Rv32RunOptions {
	/** Bytes of the machine's memory. Default: the ESP32-C3's 94,208. */
	readonly arena?: number | undefined;
	/** Slots of the machine's stack, out of the arena. Default: 1,024. */
	readonly stack?: number | undefined;
	/** Milliseconds after which the emulator is killed. Default: two minutes. */
	readonly timeout?: number | undefined;
	/** What the firmware needs. A program has no link, and its run repeats to the instruction. */
	readonly firmware?: Rv32Device | undefined;
}

/** The paths have neither a space nor a comma. */
export interface Rv32Device {
	/** The device's flash: a folder that is there, laid out as the XS host's (hal/xs/folder/device_folder.h). */
	readonly flash: string;
	/** The configuration's file. */
	readonly configurationFile: string;
	/** Each event of the firmware's log. */
	onEvent(event: Record<string, unknown>): void;
}

export interface Rv32Result extends Rv32Report {
	/** What the program printed. */
	readonly lines: readonly string[];
}

interface Rv32Report {
	/** As in hal/xs/host.h; 77 for an exception of the core. `null` when there was no report. */
	readonly exitCode: number | null;
	/** Bytes of the arena. */
	readonly heap: {
		readonly limit: number;
		readonly peak: number;
		readonly slotsPeak: number;
		readonly chunksPeak: number;
		readonly stackPeak: number;
	};
	/** Of the program, from the moment that its ROM was made, without those spent waiting for the link. */
	readonly instructions: number;
	/** Why it ended, unless it ran to its end. */
	readonly reason?: string;
}

const NO_REPORT: Rv32Report = {
	exitCode: null,
	heap: { limit: 0, peak: 0, slotsPeak: 0, chunksPeak: 0, stackPeak: 0 },
	instructions: 0,
};

/** What is missing on this machine and how to get it, in one line; undefined if nothing is. */
export function rv32Missing(): string | undefined {
	const works = (program: string, ...parameters: string[]) =>
		spawnSync(program, parameters, { stdio: "ignore" }).status === 0;
	const missing = [
		works(COMPILER, "--version") ? [] : [COMPILER],
		works(COMPILER, SPECS, "--version") ? [] : ["picolibc"],
		works(EMULATOR, "--version") ? [] : [EMULATOR],
	].flat();
	return missing.length === 0 ? undefined : `it needs ${missing.join(", ")} (Debian: ${PACKAGES})`;
}

/**
 * Builds what is not built yet.
 * @param program the program's file, relative to the project's root; without one, the firmware
 * @throws HostError `CompilerMissing`, `CompileFailed`, `SourcesMissing`, `TranspileFailed`
 */
export async function buildRv32(program?: string): Promise<Rv32Image> {
	const missing = rv32Missing();
	if (missing !== undefined) throw new HostError("CompilerMissing", `the rv32 image cannot be built: ${missing}`);
	const modules = program === undefined ? buildModules(`${FIRMWARE}.ts`) : bundle(program);
	const [elf, folder] = await Promise.all([buildImage(), modules]);
	return { elf, modules: path.relative(ROOT, folder), entry: program === undefined ? FIRMWARE : "program" };
}

/** Runs the program, or the firmware, to its end. */
export async function runRv32(image: Rv32Image, options: Rv32RunOptions = {}): Promise<Rv32Result> {
	const { timeout = 120_000, firmware } = options;
	const child = spawn(EMULATOR, emulatorParameters(image, options), {
		cwd: ROOT,
		stdio: ["ignore", "pipe", "pipe", "pipe"],
		timeout,
		killSignal: "SIGKILL",
	});
	const kill = () => child.kill("SIGKILL");
	process.once("exit", kill);
	let output = "";
	let errors = "";
	child.stdout!.setEncoding("utf8").on("data", (text: string) => {
		output += text;
	});
	child.stderr!.setEncoding("utf8").on("data", (text: string) => {
		errors += text;
	});
	let report: Rv32Report | undefined;
	const link = child.stdio[LINK] as Socket;
	const served = serveLink({
		toDevice: link,
		fromDevice: link,
		onEvent: (text) => firmware?.onEvent(JSON.parse(text) as Record<string, unknown>),
		onReport(text) {
			report = JSON.parse(text) as Rv32Report;
			kill();
		},
	});
	const ended = new Promise<void>((resolve, reject) => {
		child.once("error", reject).once("close", () => resolve());
	});
	// A board that is switched off may leave bytes unread, which is an error of the link; what counts is its report.
	await Promise.all([ended, served.catch(() => {})]).finally(() => process.removeListener("exit", kill));
	const lines = output.split("\n").slice(0, -1);
	if (report !== undefined) return { ...report, lines };
	return { ...NO_REPORT, lines, reason: errors.trim() || `no report within ${timeout} ms` };
}

function emulatorParameters(image: Rv32Image, options: Rv32RunOptions): string[] {
	const { arena = 94_208, stack = 1_024, firmware } = options;
	const words = ["xs", "--modules", image.modules, "--entry", image.entry, "--arena", arena, "--stack", stack];
	if (firmware !== undefined) words.push("--flash", firmware.flash, "--config", firmware.configurationFile);
	const semihosting = ["enable=on", "target=native", "chardev=console", ...words.map((word) => `arg=${word}`)];
	// A core that sleeps wakes at once with sleep=off: time leaps to its next timer, and no network is as fast as that.
	const counting = `shift=0,sleep=${firmware === undefined ? "off" : "on"}`;
	return [
		...["-M", "virt", "-cpu", "rv32", "-m", "128M", "-bios", "none", "-icount", counting],
		...["-display", "none", "-monitor", "none", "-chardev", "stdio,id=console"],
		...["-chardev", `socket,id=link,fd=${LINK}`, "-serial", "chardev:link"],
		...["-semihosting-config", semihosting.join(","), "-kernel", image.elf],
	];
}

async function buildImage(): Promise<string> {
	if (!existsSync(path.join(ROOT, XS, "sources/xsAll.h"))) {
		throw new HostError("SourcesMissing", `expected the XS sources in ${XS}: run npm ci`);
	}
	const version = (await run(COMPILER, ["--version"])).stdout;
	const includes = [
		`${BOARD}/posix`,
		BOARD,
		`${XS}/includes`,
		`${XS}/platforms`,
		`${XS}/sources`,
		"hal/xs",
		"hal/xs/folder",
		"modules/signer",
		"modules/signer/xs",
	];
	const flags = [...C_FLAGS, ...ENGINE_FLAGS, ...includes.map((include) => `-I${include}`)];
	const engineFiles = [
		...(await filesIn(`${XS}/sources`, ".c")).filter((file) => !file.endsWith("/xsSnapshot.c")),
		`${TEXT}/encoder/textencoder.c`,
		`${TEXT}/decoder/textdecoder.c`,
	];
	const engineHeaders = [
		...(await filesIn(`${XS}/sources`, ".h")),
		...(await filesIn(`${XS}/includes`, ".h")),
		...(await filesIn(`${XS}/platforms`, ".h")),
		`${BOARD}/xs_rv32.h`,
	];
	const engineHash = await hashOf([version, ...flags], [...engineFiles, ...engineHeaders]);
	const engine = await once(`engine-${engineHash}`, (folder) => compileAll(engineFiles, [...flags, "-w"], folder));

	const signer = [...(await filesIn("modules/signer", ".c")), ...(await filesIn("modules/signer/xs", ".c"))];
	const ours = [...(await filesIn(BOARD, ".c")), ...SHARED, ...signer];
	const headers = [
		...(await filesIn(BOARD, ".h")),
		...(await filesIn(`${BOARD}/posix`, ".h")),
		...(await filesIn(`${BOARD}/posix/sys`, ".h")),
		...(await filesIn("hal/xs", ".h")),
		...(await filesIn("hal/xs/folder", ".h")),
		...(await filesIn("modules/signer", ".h")),
		...(await filesIn("modules/signer/xs", ".h")),
	];
	const hash = await hashOf([engineHash, ...OUR_WARNINGS, ...LINK_FLAGS], [...ours, ...headers]);
	const folder = await once(`image-${hash}`, async (folder) => {
		await compileAll(ours, [...flags, ...OUR_WARNINGS], folder);
		const objects = [...(await filesIn(engine, ".o")), ...(await filesIn(folder, ".o"))];
		await compile([...C_FLAGS, ...objects, ...LINK_FLAGS, "-lm", "-o", `${folder}/xs.elf`]);
	});
	return `${folder}/xs.elf`;
}

async function compileAll(files: readonly string[], flags: readonly string[], folder: string): Promise<void> {
	const queue = [...files];
	const worker = async () => {
		for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
			await compile([...flags, "-c", file, "-o", `${folder}/${path.basename(file, ".c")}.o`]);
		}
	};
	await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
}

async function compile(parameters: readonly string[]): Promise<void> {
	try {
		await run(COMPILER, parameters, { cwd: ROOT, maxBuffer: 1 << 24 });
	} catch (error) {
		const { stderr } = error as { stderr?: string };
		throw new HostError("CompileFailed", `${COMPILER} failed:\n${stderr ?? error}`);
	}
}

/** The program as one module, whose default export is what the machine calls to start. */
async function bundle(program: string): Promise<string> {
	const { outputFiles } = await esbuild
		.build({
			absWorkingDir: ROOT,
			entryPoints: [program],
			bundle: true,
			write: false,
			format: "iife",
			banner: { js: "export default function () {" },
			footer: { js: "}" },
			target: "es2022",
			// XS 13: a class with an instance field and `static b = new Self()` throws.
			supported: { "class-static-field": false },
			legalComments: "none",
			logLevel: "silent",
		})
		.catch((error: Error) => {
			throw new HostError("TranspileFailed", error.message);
		});
	const { contents } = outputFiles[0]!;
	const hash = createHash("sha256").update(contents).digest("hex").slice(0, 16);
	return once(`program-${hash}`, (folder) => writeFile(path.join(ROOT, folder, "program.js"), contents));
}

// The cache

async function filesIn(folder: string, ending: string): Promise<string[]> {
	const names = (await readdir(path.join(ROOT, folder))).filter((name) => name.endsWith(ending)).sort();
	return names.map((name) => `${folder}/${name}`);
}

async function hashOf(strings: readonly string[], files: readonly string[]): Promise<string> {
	const hash = createHash("sha256").update(JSON.stringify(strings));
	for (const file of files) {
		const content = await readFile(path.join(ROOT, file));
		hash.update(`${file} ${content.length}\n`).update(content);
	}
	return hash.digest("hex").slice(0, 16);
}

/**
 * The folder of that name in the cache, made by `produce` unless it is there. Two processes may both make it; the first to
 * be done keeps its own.
 */
async function once(name: string, produce: (folder: string) => Promise<void>): Promise<string> {
	const folder = `${CACHE}/${name}`;
	if (existsSync(path.join(ROOT, folder))) return folder;
	const temporary = `${folder}.${process.pid}.tmp`;
	await mkdir(path.join(ROOT, temporary), { recursive: true });
	try {
		await produce(temporary);
		await rename(path.join(ROOT, temporary), path.join(ROOT, folder));
	} catch (error) {
		if (!existsSync(path.join(ROOT, folder))) throw error;
	} finally {
		await rm(path.join(ROOT, temporary), { recursive: true, force: true });
	}
	return folder;
}
