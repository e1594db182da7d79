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
 * A run cannot show cycles, since there is no cache and no flash. Time passes only for the firmware; for a program it stands
 * still.
 * @module
 */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import { compile, compileAll } from "../build/c.js";
import { cached, filesIn, hashOf } from "../build/cache.js";
import { buildModules } from "../build/modules.js";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";

const run = promisify(execFile);

/** All paths are relative, here and on the device, so that the project's place changes no instruction. */
const BOARD = "hal/rv32";
const FIRMWARE = "hal/xs/main";
const XS = "node_modules/@agoric/xsnap/moddable/xs";
/** The files of the XS host that a bare board shares; the others are for a desktop. */
const SHARED = [
	...["archive", "link", "machine", "memory", "modules", "natives", "preload", "timers", "turn"].map(
		(name) => `hal/xs/${name}.c`,
	),
	"hal/xs/folder/flash.c",
];
const TEXT = "node_modules/@agoric/xsnap/moddable/modules/data/text";

const COMPILER = "riscv64-unknown-elf-gcc";
export const EMULATOR = "qemu-system-riscv32";
const SPECS = "--specs=picolibc.specs";
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

/** Names what is missing on this machine and how to get it, in one line; `undefined` if nothing is. */
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
 * Builds what is not yet built.
 *
 * @param program the program's file, relative to the project's root; without one, the firmware
 *
 * @throws HostError `CompilerMissing`, `CompileFailed`, `SourcesMissing`, `TranspileFailed`
 */
export async function buildRv32(program?: string): Promise<Rv32Image> {
	const missing = rv32Missing();
	if (missing !== undefined) throw new HostError("CompilerMissing", `the rv32 image cannot be built: ${missing}`);
	const modules = program === undefined ? buildModules(`${FIRMWARE}.ts`) : bundle(program);
	const [elf, folder] = await Promise.all([buildImage(), modules]);
	return { elf, modules: folder, entry: program === undefined ? FIRMWARE : "program" };
}

async function buildImage(): Promise<string> {
	if (!existsSync(path.join(ROOT, XS, "sources/xsAll.h"))) {
		throw new HostError("SourcesMissing", `no XS sources in ${XS}: run npm ci`);
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
	const engine = await cached(`rv32/engine-${engineHash}`, (folder) =>
		compileAll(COMPILER, engineFiles, [...flags, "-w"], folder),
	);

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
	const folder = await cached(`rv32/image-${hash}`, async (folder) => {
		await compileAll(COMPILER, ours, [...flags, ...OUR_WARNINGS], folder);
		const objects = [...(await filesIn(engine, ".o")), ...(await filesIn(folder, ".o"))];
		await compile(COMPILER, [...C_FLAGS, ...objects, ...LINK_FLAGS, "-lm", "-o", `${folder}/xs.elf`]);
	});
	return `${folder}/xs.elf`;
}

/** Bundles the program into one module, whose default export the machine calls to start. */
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
	return cached(`rv32/program-${hash}`, (folder) => writeFile(path.join(ROOT, folder, "program.js"), contents));
}
