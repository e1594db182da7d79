/**
 * Builds the XS host: the engine's C sources and ours into one executable, and the device's TypeScript, file by file, into
 * the modules it loads. Everything is kept under `build/xs/`, each part in a folder named by the hash of what went into it.
 *
 * Environment: `CC` names the C compiler (`cc`), `XS_SOURCES` another XS source tree (`$MODDABLE/xs`).
 * @module
 */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import { marketFolders } from "../../hal/node/markets.js";
import { HostError } from "../cli/errors.js";

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CACHE = path.join(ROOT, "build/xs");
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
const ESBUILD_OPTIONS = {
	format: "esm",
	target: "es2022",
	// XS 13: a class with an instance field and `static b = new Self()` throws.
	supported: { "class-static-field": false },
	tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } },
	logLevel: "silent",
} as const satisfies esbuild.BuildOptions;

/** The module that is made from the list of markets. */
const MARKET_MODULE = "src/markets/list.js";
const MARKET_LIST_SPACE = "markets";

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
	/** Told what takes time, a line each. */
	readonly onProgress?: ((line: string) => void) | undefined;
}

/** Whether a C compiler is there; if not, `buildXs` throws `CompilerMissing`. */
export function xsAvailable(): boolean {
	return spawnSync(compiler(), ["--version"], { stdio: "ignore" }).status === 0;
}

/**
 * Builds what is not built yet.
 * @throws HostError `CompilerMissing`, `CompileFailed`, `SourcesMissing`, `TranspileFailed`, `ModuleMissing`
 */
export async function buildXs(options: XsBuildOptions = {}): Promise<XsBuild> {
	const progress = options.onProgress ?? (() => {});
	const entry = options.entry ?? "hal/xs/main.ts";
	const [host, modules] = await Promise.all([buildHost(options, progress), buildModules(entry, options.markets)]);
	return { ...host, modules, entry: entry.replace(/\.ts$/, "") };
}

// C

async function buildHost(
	options: XsBuildOptions,
	progress: (line: string) => void,
): Promise<{ executable: string; bits: 32 | 64 }> {
	const version = await compilerVersion();
	const bits = options.bits ?? ((await canCompile32()) ? 32 : 64);
	if (bits === 64) progress("64-bit slots, limits doubled (for a device's 32-bit ones, Debian: gcc-multilib)");
	const machineFlags = bits === 32 ? ["-m32", "-msse2", "-mfpmath=sse"] : ["-m64"];
	const flags = [...machineFlags, ...C_FLAGS, ...(options.cFlags ?? []), ...ENGINE_FLAGS];

	const xs = path.resolve(ROOT, process.env.XS_SOURCES ?? PACKAGED_SOURCES);
	const sources = path.join(xs, "sources");
	if (!existsSync(path.join(sources, "xsAll.h"))) {
		throw new HostError("SourcesMissing", `expected the XS sources in ${sources}: run npm ci, or set XS_SOURCES`);
	}
	const platform = path.join(ROOT, "hal/xs");
	const flash = path.join(ROOT, "hal/xs/folder");
	const signer = path.join(ROOT, "modules/signer");
	const text = path.join(xs, "../modules/data/text");
	const binding = path.join(signer, "xs");
	const includes = [path.join(xs, "includes"), path.join(xs, "platforms"), sources, platform, flash, signer, binding];
	const engineFiles = [
		...(await filesIn(sources, ".c")).filter((file) => !LEFT_OUT.includes(path.basename(file))),
		path.join(text, "encoder/textencoder.c"),
		path.join(text, "decoder/textdecoder.c"),
	];
	const engineHash = await hashOf(
		[version, ...flags, xs],
		[
			...engineFiles,
			...(await filesIn(sources, ".h")),
			...(await filesIn(path.join(xs, "includes"), ".h")),
			...(await filesIn(path.join(xs, "platforms"), ".h")),
			path.join(platform, "xs_host.h"),
		],
	);
	const engine = await once(`engine-${engineHash}`, async (folder) => {
		progress(`compiling XS, ${engineFiles.length} files, ${bits}-bit (once)`);
		await compileAll(engineFiles, [...flags, "-w"], includes, folder);
	});

	const ours = [platform, flash, signer, binding];
	const ourFiles = (await Promise.all(ours.map((folder) => filesIn(folder, ".c")))).flat();
	const ourHeaders = (await Promise.all(ours.map((folder) => filesIn(folder, ".h")))).flat();
	const hostHash = await hashOf([engineHash, ...OUR_WARNINGS, ...LINK_FLAGS], [...ourFiles, ...ourHeaders]);
	const host = await once(`host-${hostHash}`, async (folder) => {
		progress(`compiling the host and the signer, ${ourFiles.length} files`);
		await compileAll(ourFiles, [...flags, ...OUR_WARNINGS], includes, folder);
		const objects = [...(await filesIn(engine, ".o")), ...(await filesIn(folder, ".o"))];
		await cc([...flags, ...objects, ...LINK_FLAGS, "-o", path.join(folder, "xs")]);
	});
	return { executable: path.join(host, "xs"), bits };
}

function compiler(): string {
	return process.env.CC ?? "cc";
}

async function compilerVersion(): Promise<string> {
	try {
		return (await run(compiler(), ["--version"])).stdout;
	} catch {
		throw new HostError(
			"CompilerMissing",
			`expected a C compiler, and "${compiler()}" does not run: install one (Debian: gcc, gcc-multilib) or set CC`,
		);
	}
}

/** Whether 32-bit programs compile and link (Debian: gcc-multilib). */
async function canCompile32(): Promise<boolean> {
	const hash = await hashOf([await compilerVersion(), compiler()], []);
	const folder = await once(`probe-${hash}`, async (folder) => {
		const source = path.join(folder, "probe.c");
		await writeFile(source, '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n');
		await run(compiler(), ["-m32", source, "-o", path.join(folder, "probe32")]).catch(() => {});
	});
	return existsSync(path.join(folder, "probe32"));
}

async function cc(parameters: readonly string[]): Promise<void> {
	try {
		await run(compiler(), parameters, { maxBuffer: 1 << 24 });
	} catch (error) {
		const { stderr } = error as { stderr?: string };
		throw new HostError("CompileFailed", `the C compiler failed:\n${stderr ?? error}`);
	}
}

async function compileAll(
	files: readonly string[],
	flags: readonly string[],
	includes: readonly string[],
	folder: string,
): Promise<void> {
	const search = includes.map((include) => `-I${include}`);
	const queue = [...files];
	const worker = async () => {
		for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
			await cc([...flags, ...search, "-c", file, "-o", path.join(folder, `${path.basename(file, ".c")}.o`)]);
		}
	};
	await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
}

// TypeScript

/** The folder of an entry's transpiled modules, its own and all that it imports. */
export async function buildModules(entry: string, markets?: string): Promise<string> {
	const list = marketList(markets);
	const graph = await moduleGraph(entry, list);
	const inputs = graph.filter((input) => input !== MARKET_MODULE);
	const hash = await hashOf(
		[esbuild.version, JSON.stringify(ESBUILD_OPTIONS), list],
		inputs.map((input) => path.join(ROOT, input)),
	);
	return once(`modules-${hash}`, async (folder) => {
		await esbuild.build({
			...ESBUILD_OPTIONS,
			absWorkingDir: ROOT,
			entryPoints: inputs,
			outbase: ROOT,
			outdir: folder,
		});
		if (inputs.length < graph.length) await writeFile(path.join(folder, MARKET_MODULE), list);
	});
}

/** The entry and all that it imports, relative to the root. Importing anything but files of the project is an error. */
async function moduleGraph(entry: string, list: string): Promise<string[]> {
	if (!existsSync(path.join(ROOT, entry))) {
		throw new HostError("ModuleMissing", `expected an entry module, and there is no ${entry}`);
	}
	const { metafile } = await esbuild
		.build({
			...ESBUILD_OPTIONS,
			absWorkingDir: ROOT,
			entryPoints: [entry],
			bundle: true,
			packages: "external",
			metafile: true,
			write: false,
			plugins: [marketPlugin(list)],
		})
		.catch((error: Error) => {
			throw new HostError("TranspileFailed", error.message);
		});
	for (const [file, { imports }] of Object.entries(metafile.inputs)) {
		const foreign = imports.find((imported) => imported.external === true);
		if (foreign !== undefined) {
			throw new HostError("ModuleMissing", `${file} imports "${foreign.path}", which no device has`);
		}
	}
	return Object.keys(metafile.inputs)
		.map((input) => (input.startsWith(`${MARKET_LIST_SPACE}:`) ? MARKET_MODULE : input))
		.sort();
}

/** The module `src/markets/list.js`: imports the kind of each market that the list includes. */
function marketList(list?: string): string {
	const folders = marketFolders(list).map((folder) => path.relative(path.dirname(MARKET_MODULE), folder));
	const imports = folders.map((folder, i) => `import { kind as k${i} } from "./${folder}/kind.js";\n`);
	return `${imports.join("")}export const markets = Object.freeze([${folders.map((_, i) => `k${i}`).join(", ")}]);\n`;
}

function marketPlugin(contents: string): esbuild.Plugin {
	return {
		name: "markets",
		setup(build) {
			const namespace = MARKET_LIST_SPACE;
			build.onResolve({ filter: /\/src\/markets\/list\.js$/ }, () => ({ path: MARKET_MODULE, namespace }));
			const resolveDir = path.join(ROOT, path.dirname(MARKET_MODULE));
			build.onLoad({ filter: /./, namespace }, () => ({ contents, resolveDir }));
		},
	};
}

// The cache

async function filesIn(folder: string, ending: string): Promise<string[]> {
	const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
	return names.map((name) => path.join(folder, name));
}

async function hashOf(strings: readonly string[], files: readonly string[]): Promise<string> {
	const hash = createHash("sha256").update(JSON.stringify(strings));
	for (const file of files) {
		const content = await readFile(file);
		hash.update(`${path.relative(ROOT, file)} ${content.length}\n`).update(content);
	}
	return hash.digest("hex").slice(0, 16);
}

/** The folder of that name in the cache, made by `produce` unless it is there. Safe against other processes. */
async function once(name: string, produce: (folder: string) => Promise<void>): Promise<string> {
	const folder = path.join(CACHE, name);
	if (existsSync(folder)) return folder;
	await mkdir(CACHE, { recursive: true });
	const lock = `${folder}.lock`;
	while (!(await takeLock(lock))) {
		await sleep(100);
		if (existsSync(folder)) return folder;
	}
	try {
		if (!existsSync(folder)) {
			const temporary = `${folder}.tmp`;
			await rm(temporary, { recursive: true, force: true });
			await mkdir(temporary);
			await produce(temporary);
			await rename(temporary, folder);
		}
	} finally {
		await rm(lock, { force: true });
	}
	return folder;
}

/** Makes the lock file, or finds that a living process has it. A dead one's is taken away. */
async function takeLock(lock: string): Promise<boolean> {
	try {
		await writeFile(lock, String(process.pid), { flag: "wx" });
		return true;
	} catch {
		const owner = Number(await readFile(lock, "utf8").catch(() => ""));
		if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
		return false;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as { code?: string }).code === "EPERM";
	}
}
