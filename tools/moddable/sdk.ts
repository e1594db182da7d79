/** The Moddable SDK on this machine: its place, and how to run its tools. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";

const REMEDY = "get the SDK with `npx xs-dev setup`, and set MODDABLE to its folder";
/** Platforms by the SDK's names for its tools. */
const PLATFORMS: Readonly<Record<string, string>> = { linux: "lin", darwin: "mac", win32: "win" };

export interface Sdk {
	readonly root: string;
	/** The folder of its tools. */
	readonly tools: string;
	/** The SDK's name for this machine: `lin`, `mac` or `win`. */
	readonly platform: string;
}

/** @throws HostError `SdkMissing` */
export function findSdk(environment: NodeJS.ProcessEnv = process.env): Sdk {
	const root = environment.MODDABLE;
	if (!root) throw new HostError("SdkMissing", `expected MODDABLE to name the Moddable SDK's folder: ${REMEDY}`);
	const platform = PLATFORMS[process.platform];
	if (platform === undefined) {
		throw new HostError(
			"SdkMissing",
			`the Moddable SDK has no tools for ${process.platform}: it has them for lin, mac and win`,
		);
	}
	const goals = ["release", "debug"].map((goal) => path.join(root, "build/bin", platform, goal));
	const tools = goals.find((folder) => existsSync(path.join(folder, `mcconfig${platform === "win" ? ".exe" : ""}`)));
	if (tools === undefined) {
		throw new HostError("SdkMissing", `expected mcconfig in ${goals.join(" or ")}: ${REMEDY}`);
	}
	return { root: path.resolve(root), tools, platform };
}

/** Runs mcconfig in the project's folder, never with a shell. With "inherit" its output goes to this process's own output. */
export function mcconfig(
	sdk: Sdk,
	parameters: readonly string[],
	environment: NodeJS.ProcessEnv = {},
	stdio: "pipe" | "inherit" = "pipe",
): SpawnSyncReturns<string> {
	return spawnSync(path.join(sdk.tools, "mcconfig"), parameters, {
		cwd: ROOT,
		encoding: "utf8",
		stdio,
		maxBuffer: 64 * 1024 * 1024,
		env: { ...toolEnvironment(sdk), ...environment },
	});
}

/** Returns an environment with the SDK's tools and the project's own TypeScript first on the path. */
export function toolEnvironment(sdk: Sdk): NodeJS.ProcessEnv {
	const PATH = [sdk.tools, path.join(ROOT, "node_modules/.bin"), process.env.PATH].join(path.delimiter);
	return { ...process.env, MODDABLE: sdk.root, PATH };
}
