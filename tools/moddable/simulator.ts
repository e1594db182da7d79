/**
 * Builds the Moddable app for this machine and runs it: in the SDK's simulator, or in our own host without a display
 * (hal/sim/native/headless.c). The SDK's build is incremental, and so is this.
 * @module
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { HostError } from "../cli/host_error.js";
import { type FirmwareEvent, type FirmwareResult, withFlash } from "../firmware.js";
import { ROOT } from "../project.js";
import { findSdk, mcconfig, type Sdk } from "./sdk.js";

const OUTPUT = path.join(ROOT, "build/moddable");
const HEADLESS_SOURCE = path.join(ROOT, "hal/sim/native/headless.c");
const STDERR_MAX = 4_096;
/** Lines of mcconfig and make that report progress. */
const CHATTER = /^(# |### warning|### \d+ instances|Total resource size|make: \*\*\* Waiting)/;

export interface SimulatorBuild {
	readonly sdk: Sdk;
	/** The app, a library that a simulator loads. */
	readonly app: string;
	/** The folder of intermediate files. */
	readonly intermediates: string;
}

/**
 * @param manifest relative to the project's root. Default: the app's
 * @throws HostError `SdkMissing`, `CompileFailed`
 */
export function buildSimulator(manifest = "manifest.json", platform?: string): SimulatorBuild {
	const sdk = findSdk();
	const file = path.join(ROOT, manifest);
	const name = path.basename(path.dirname(file));
	mkdirSync(OUTPUT, { recursive: true });
	const { status, stdout, stderr } = mcconfig(sdk, [
		...["-m", "-p", platform ?? sdk.platform, "-t", "build", "-o", OUTPUT],
		file,
	]);
	if (status !== 0) {
		const said = `${stdout}${stderr}`.split("\n").filter((line) => line !== "" && !CHATTER.test(line));
		throw new HostError("CompileFailed", `mcconfig could not build ${manifest}:\n${said.slice(-40).join("\n")}`);
	}
	const place = path.join(sdk.platform, "mc/release", name);
	const library = sdk.platform === "win" ? "mc.dll" : "mc.so";
	return { sdk, app: path.join(OUTPUT, "bin", place, library), intermediates: path.join(OUTPUT, "tmp", place) };
}

export interface SimulatorOptions {
	readonly build: SimulatorBuild;
	/** Without a display (Linux). */
	readonly isHeadless: boolean;
	/** The device's flash: a folder, made if it does not exist. */
	readonly flash: string;
	/** The file with the owner's configuration. Without one, the console sets it. */
	readonly config?: string | undefined;
	/** A file of certificates, DER or PEM, that TLS trusts in addition to those in the image. */
	readonly ca?: string | undefined;
	/** The TCP port of the owner's console; 0: any. */
	readonly consolePort?: number | undefined;
	/** Name servers, by IPv4 address, instead of this machine's. */
	readonly nameServers?: readonly string[] | undefined;
	/** Environment variables for a test program. */
	readonly environment?: NodeJS.ProcessEnv;
	/** Milliseconds after which the process is killed. Default: never. */
	readonly timeout?: number | undefined;
	readonly onEvent: (event: FirmwareEvent) => void;
	/** Called with the process, once it runs. */
	readonly onStart?: (kill: () => void) => void;
}

/**
 * Runs the device until its program ends or it is killed.
 * @throws HostError `FlashInUse`, `CompileFailed`
 */
export async function runSimulator(options: SimulatorOptions): Promise<FirmwareResult> {
	const { build, isHeadless, timeout, onEvent, onStart } = options;
	const [command, ...parameters] = isHeadless ? [buildHeadless(build.sdk), build.app] : windowOf(build);
	const child = spawn(command!, parameters, {
		stdio: ["ignore", "pipe", "pipe"],
		env: { ...process.env, ...environmentOf(options) },
	});
	const kill = () => child.kill("SIGKILL");
	process.once("exit", kill);
	const alarm = timeout && setTimeout(kill, timeout);
	let stderr = "";
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr = (stderr + text).slice(-STDERR_MAX);
	});
	createInterface({ input: child.stdout }).on("line", (line) => {
		if (line.startsWith("{")) onEvent(JSON.parse(line) as FirmwareEvent);
	});
	onStart?.(kill);
	const exitCode = await new Promise<number | null>((resolve, reject) => {
		child.once("error", reject).once("close", resolve);
	});
	clearTimeout(alarm || undefined);
	process.removeListener("exit", kill);
	const reason = exitCode === 0 ? undefined : stderr.trim().replace(/^micropayer: /, "") || `exit code ${exitCode}`;
	return withFlash({
		engine: "moddable",
		bits: 64,
		exitCode,
		operations: 0,
		refusedWrites: 0,
		reason,
		heap: undefined,
		meter: undefined,
	});
}

/** The environment variables of hal/sim/settings.ts. */
function environmentOf(options: SimulatorOptions): NodeJS.ProcessEnv {
	const { flash, config, ca, consolePort, nameServers, isHeadless, environment } = options;
	return {
		MICROPAYER_FLASH: path.resolve(flash),
		...(config !== undefined && { MICROPAYER_CONFIG: path.resolve(config) }),
		...(ca !== undefined && { MICROPAYER_CA: path.resolve(ca) }),
		...(consolePort !== undefined && { MICROPAYER_CONSOLE: String(consolePort) }),
		...(nameServers !== undefined && { MICROPAYER_DNS: nameServers.join(",") }),
		...(!isHeadless && { MICROPAYER_SCREEN: "1" }),
		...environment,
	};
}

/** Returns the SDK's simulator, and the app that it opens. */
function windowOf({ sdk, app }: SimulatorBuild): string[] {
	const simulator = { lin: "mcsim", mac: "mcsim.app/Contents/MacOS/mcsim", win: "mcsim.exe" }[sdk.platform]!;
	return [path.join(sdk.tools, simulator), path.join(sdk.root, "build/simulators"), app];
}

/** Builds the host without a display if it does not exist or is older than its source. */
export function buildHeadless(sdk: Sdk): string {
	if (sdk.platform !== "lin") {
		throw new HostError("CompileFailed", "--headless is for Linux: elsewhere the simulator needs its window");
	}
	const executable = path.join(OUTPUT, "headless");
	const isNew = existsSync(executable) && statSync(executable).mtimeMs >= statSync(HEADLESS_SOURCE).mtimeMs;
	if (isNew) return executable;
	const glib = run("pkg-config", ["--cflags", "--libs", "gio-2.0"], "Debian: apt install pkg-config libglib2.0-dev");
	const include = `-I${path.join(sdk.root, "build/simulators/modules")}`;
	const flags = [
		"-O1",
		"-Wall",
		"-DmxLinux=1",
		include,
		HEADLESS_SOURCE,
		"-o",
		executable,
		...glib.split(/\s+/),
		"-ldl",
	];
	run(process.env.CC ?? "cc", flags.filter(Boolean), "Debian: apt install gcc libglib2.0-dev");
	return executable;
}

function run(command: string, parameters: readonly string[], remedy: string): string {
	const { status, stdout, stderr } = spawnSync(command, parameters, { encoding: "utf8" });
	if (status !== 0) throw new HostError("CompileFailed", `${command} failed (${remedy}): ${stderr ?? "not found"}`);
	return stdout;
}
