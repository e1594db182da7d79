/**
 * Builds the JavaScript half of a board's image without ESP-IDF: mcconfig writes the makefile, from which only the modules'
 * bytecode and the linker's C file are made. Needs `make`, which Linux and macOS have.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";
import { appOf, type Board, type Profile, platformOf } from "./boards.js";
import { bytecodeOf, type LinkedImage, readLinkedImage } from "./linked_image.js";
import { mcconfig, type Sdk, toolEnvironment } from "./sdk.js";

/** The makefile requires ESP-IDF's variables at once, and uses them for nothing that is made here. */
const NO_IDF = ["IDF_PATH=/none", "IDF_VERSION=v6.0"];

export interface Makefile {
	/** The folder with everything that mcconfig wrote. */
	readonly folder: string;
	/** The output of mcconfig: empty if all is well. */
	readonly output: string;
}

/** @throws HostError `CompileFailed` */
export function generateMakefile(sdk: Sdk, board: Board, profile: Profile = "development"): Makefile {
	const output = path.join(ROOT, "build/boards");
	mkdirSync(output, { recursive: true });
	const parameters = ["-p", platformOf(board), "-o", output];
	const { status, stdout, stderr } = mcconfig(sdk, parameters, { MICROPAYER_PROFILE: profile });
	const said = `${stdout}${stderr}`.trim();
	if (status !== 0) throw new HostError("CompileFailed", `mcconfig ${parameters.join(" ")} failed:\n${said}`);
	return { folder: path.join(output, "tmp/esp32", board.name, "release", appOf(profile)), output: said };
}

export interface LinkedApp extends LinkedImage {
	/** The folder with the output of mcconfig and the linker. */
	readonly folder: string;
	/** The size of each module as compiled. Preloading leaves only the code of its functions. */
	readonly bytecode: ReadonlyMap<string, number>;
}

/** @throws HostError `CompileFailed` */
export function linkApp(sdk: Sdk, board: Board): LinkedApp {
	const { folder } = generateMakefile(sdk, board);
	// ESP-IDF would write this file; a file that is newer than its inputs is not made again.
	const configuration = path.join(folder, `xsProj-${board.chip}/build/config`);
	mkdirSync(configuration, { recursive: true });
	writeFileSync(path.join(configuration, "sdkconfig.h"), "");
	const linked = path.join(folder, "mc.xs.c");
	make(sdk, path.join(folder, "makefile"), linked);
	const image = readLinkedImage(readFileSync(linked, "utf8"));
	const files = image.modules.map((name) => [name, path.join(folder, "modules", `${name}.xsb`)] as const);
	// The SDK has other file names for modules whose names have a colon: they are its own, and mostly native.
	const bytecode = files
		.filter(([, file]) => existsSync(file))
		.map(([name, file]) => [name, readFileSync(file)] as const);
	return { ...image, folder, bytecode: new Map(bytecode.map(([name, bytes]) => [name, bytecodeOf(bytes)])) };
}

function make(sdk: Sdk, makefile: string, target: string): void {
	const { status, stdout, stderr, error } = spawnSync("make", ["-f", makefile, ...NO_IDF, target], {
		encoding: "utf8",
		env: toolEnvironment(sdk),
		maxBuffer: 64 * 1024 * 1024,
	});
	if (status === 0) return;
	const lines = `${stdout}${stderr}`.split("\n").filter((line) => !line.startsWith("# "));
	throw new HostError("CompileFailed", `make ${target} failed:\n${error?.message ?? lines.join("\n")}`);
}
