/**
 * Builds the XS host: the engine's C sources and ours become one executable, the device's TypeScript the modules it loads.
 *
 * Environment: `CC` names the C compiler (`cc`), `XS_SOURCES` another XS source tree (`$MODDABLE/xs`).
 * @module
 */
import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { compile, compileAll } from "../build/c.js";
import { cached, filesIn, hashOf } from "../build/cache.js";
import { buildModules } from "../build/modules.js";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";

const run = promisify(execFile);

/** The host, the flash that it shares with hal/sim and hal/rv32, and the signer with its binding to XS. */
const OUR_FOLDERS = ["hal/xs", "hal/xs/folder", "modules/signer", "modules/signer/xs"];
const PACKAGED_SOURCES = "node_modules/@agoric/xsnap/moddable/xs";

/** The engine as a device has it: parser and interpreter, no debugger; the meter; the bounds of the stack checked. */
const ENGINE_FLAGS = [
	"-DINCLUDE_XSPLATFORM",
	'-DXSPLATFORM="xs_host.h"',
	"-DmxRun=1",
	"-DmxParse=1",
	"-DmxNoConsole=1",
	"-DmxMetering=1",
	"-DmxBoundsCheck=1",
	// XS 17 leaves these to the platform.
	"-DmxFallThrough=",
	"-Dc_printf=printf",
];
/** Snapshots are no business of a device; xsum.c (XS 17) is a part of xsMath.c. */
const LEFT_OUT = ["xsSnapshot.c", "xsum.c"];
const C_FLAGS = ["-O1", "-fno-common", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64"];
/** Bytecode that stays in ROM: see hal/xs/archive.c. */
const LINK_FLAGS = ["-Wl,--wrap=fxResolveModule", "-lm", "-lpthread"];
const OUR_WARNINGS = ["-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers"];
export interface XsBuild {
	readonly executable: string;
	/** 32: slots of 16 bytes, as on the device. 64: slots of 32 bytes, and limits doubled. */
	readonly bits: 32 | 64;
	/** The folder of the transpiled modules. */
	readonly modules: string;
	/** The entry's name in it. */
	readonly entry: string;
}

export interface XsBuildOptions {
	/** The entry, relative to the project's root; its default export starts the program. Default: the firmware. */
	readonly entry?: string | undefined;
	/** The list of the markets to build in, relative to the project's root. Default: the firmware's. */
	readonly markets?: string | undefined;
	/** Default: 32 where the compiler can. */
	readonly bits?: 32 | 64 | undefined;
	/** Flags added to the compiler's, for sanitizers. */
	readonly cFlags?: readonly string[] | undefined;
	/** Called with a line about each step that takes time. */
	readonly onProgress?: ((line: string) => void) | undefined;
}

/** The host's port to the system (hal/xs) is for Linux. */
const isLinux = process.platform === "linux";

/** True on Linux with a C compiler; elsewhere `buildXs` throws `CompilerMissing`. */
export function xsAvailable(): boolean {
	return isLinux && spawnSync(compiler(), ["--version"], { stdio: "ignore" }).status === 0;
}

/**
 * Builds what is not built yet.
 * @throws HostError `CompilerMissing`, `CompileFailed`, `SourcesMissing`, `TranspileFailed`, `ModuleMissing`
 */
export async function buildXs(options: XsBuildOptions = {}): Promise<XsBuild> {
	const progress = options.onProgress ?? (() => {});
	const entry = options.entry ?? "hal/xs/main.ts";
	const [host, modules] = await Promise.all([buildHost(options, progress), buildModules(entry, options.markets)]);
	return { ...host, modules: path.join(ROOT, modules), entry: entry.replace(/\.ts$/, "") };
}

async function buildHost(
	options: XsBuildOptions,
	progress: (line: string) => void,
): Promise<{ executable: string; bits: 32 | 64 }> {
	const version = await compilerVersion();
	const bits = options.bits ?? ((await canCompile32()) ? 32 : 64);
	if (bits === 64) progress("64-bit slots, limits doubled (for a device's 32-bit ones, Debian: gcc-multilib)");
	const machineFlags = bits === 32 ? ["-m32", "-msse2", "-mfpmath=sse"] : ["-m64"];
	const flags = [...machineFlags, ...C_FLAGS, ...(options.cFlags ?? []), ...ENGINE_FLAGS];

	const xs = process.env.XS_SOURCES ?? PACKAGED_SOURCES;
	const sources = path.join(xs, "sources");
	if (!existsSync(path.resolve(ROOT, sources, "xsAll.h"))) {
		throw new HostError("SourcesMissing", `no XS sources in ${sources}: run npm ci, or set XS_SOURCES`);
	}
	const text = path.join(xs, "../modules/data/text");
	const engineHeaders = ["includes", "platforms", "sources"].map((folder) => path.join(xs, folder));
	const includes = [...engineHeaders, ...OUR_FOLDERS].map((folder) => `-I${folder}`);
	const engineFiles = [
		...(await filesIn(sources, ".c")).filter((file) => !LEFT_OUT.includes(path.basename(file))),
		path.join(text, "encoder/textencoder.c"),
		path.join(text, "decoder/textdecoder.c"),
	];
	const engineHash = await hashOf(
		[version, ...flags, xs],
		[...engineFiles, ...(await allFilesIn(engineHeaders, ".h")), "hal/xs/xs_host.h"],
	);
	const engine = await cached(`xs/engine-${engineHash}`, async (folder) => {
		progress(`compiling XS, ${engineFiles.length} files, ${bits}-bit (once)`);
		await compileAll(compiler(), engineFiles, [...flags, "-w", ...includes], folder);
	});

	const ourFiles = await allFilesIn(OUR_FOLDERS, ".c");
	const ourHeaders = await allFilesIn(OUR_FOLDERS, ".h");
	const hostHash = await hashOf([engineHash, ...OUR_WARNINGS, ...LINK_FLAGS], [...ourFiles, ...ourHeaders]);
	const host = await cached(`xs/host-${hostHash}`, async (folder) => {
		progress(`compiling the host and the signer, ${ourFiles.length} files`);
		await compileAll(compiler(), ourFiles, [...flags, ...OUR_WARNINGS, ...includes], folder);
		const objects = [...(await filesIn(engine, ".o")), ...(await filesIn(folder, ".o"))];
		await compile(compiler(), [...flags, ...objects, ...LINK_FLAGS, "-o", path.join(folder, "xs")]);
	});
	return { executable: path.join(ROOT, host, "xs"), bits };
}

async function allFilesIn(folders: readonly string[], ending: string): Promise<string[]> {
	return (await Promise.all(folders.map((folder) => filesIn(folder, ending)))).flat();
}

function compiler(): string {
	return process.env.CC ?? "cc";
}

async function compilerVersion(): Promise<string> {
	if (!isLinux) {
		const where = `XS with a device's memory runs on Linux, and this is ${process.platform}`;
		throw new HostError("CompilerMissing", `${where}: take --engine node`);
	}
	try {
		return (await run(compiler(), ["--version"])).stdout;
	} catch {
		throw new HostError(
			"CompilerMissing",
			`no C compiler: "${compiler()}" does not run; install one (Debian: gcc, gcc-multilib) or set CC`,
		);
	}
}

/** True if 32-bit programs compile and link (Debian: gcc-multilib). */
/** True if the C compiler makes programs of 32 bits, whose slots are a device's. */
export async function canCompile32(): Promise<boolean> {
	const hash = await hashOf([await compilerVersion(), compiler()], []);
	const folder = await cached(`xs/probe-${hash}`, async (folder) => {
		const source = path.join(folder, "probe.c");
		await writeFile(path.join(ROOT, source), '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n');
		await compile(compiler(), ["-m32", source, "-o", path.join(folder, "probe32")]).catch(() => {});
	});
	return existsSync(path.join(ROOT, folder, "probe32"));
}
