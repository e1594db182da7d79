/**
 * The JavaScript half of a board's image, made without ESP-IDF: mcconfig writes the makefile, and of it are made the modules'
 * bytecode and the file that the linker puts them into. Needs `make`, which is on Linux and macOS.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { HostError } from "../errors.js";
import { appOf, type Board, type Profile, platformOf } from "./boards.js";
import { type LinkedImage, readLinkedImage } from "./linked_image.js";
import { mcconfig, ROOT, type Sdk, toolEnvironment } from "./sdk.js";

/** The makefile asks for ESP-IDF at once, and uses it for nothing that is made here. */
const NO_IDF = ["IDF_PATH=/none", "IDF_VERSION=v6.0"];

export interface Makefile {
	/** Its folder, with all that mcconfig wrote. */
	readonly folder: string;
	/** What mcconfig said: nothing, when all is well. */
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

/** @throws HostError `CompileFailed` */
export function linkApp(sdk: Sdk, board: Board): LinkedImage {
	const { folder } = generateMakefile(sdk, board);
	// ESP-IDF would write this one: a file that is newer than what it is made from is not made.
	const configuration = path.join(folder, `xsProj-${board.chip}/build/config`);
	mkdirSync(configuration, { recursive: true });
	writeFileSync(path.join(configuration, "sdkconfig.h"), "");
	const linked = path.join(folder, "mc.xs.c");
	const { status, stdout, stderr, error } = spawnSync(
		"make",
		["-f", path.join(folder, "makefile"), ...NO_IDF, linked],
		{
			encoding: "utf8",
			env: toolEnvironment(sdk),
			maxBuffer: 64 * 1024 * 1024,
		},
	);
	if (status !== 0) {
		const said =
			error?.message ??
			`${stdout}${stderr}`
				.split("\n")
				.filter((line) => !line.startsWith("# "))
				.join("\n");
		throw new HostError("CompileFailed", `make ${linked} failed:\n${said}`);
	}
	return readLinkedImage(readFileSync(linked, "utf8"));
}
