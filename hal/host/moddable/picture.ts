/** Pictures of the face as the simulator draws it: hal/face/sample, built for this machine, and its screen's pixels. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Facts } from "../../hal.js";
import { HostError } from "../errors.js";
import type { Picture } from "./png.js";
import { mcconfig, ROOT, type Sdk } from "./sdk.js";

const FOLDER = path.join(ROOT, "build/face");
const APP = path.join(FOLDER, "bin/lin/mc/release/sample/mc.so");
const HOST = path.join(FOLDER, "picture");

/**
 * Builds the app, and the program that runs it without a display.
 *
 * @throws HostError `SdkMissing` on a machine that is not Linux, `CompilerMissing`, `CompileFailed`
 */
export function buildFace(sdk: Sdk): void {
	if (sdk.platform !== "lin") {
		throw new HostError("SdkMissing", `the picture is drawn by the SDK's simulator for Linux; this is ${sdk.platform}`);
	}
	mkdirSync(FOLDER, { recursive: true });
	const app = mcconfig(sdk, ["-m", "-p", "lin", "-t", "build", "-o", FOLDER, "hal/face/sample/manifest.json"]);
	if (app.status !== 0) throw new HostError("CompileFailed", `${app.stdout}${app.stderr}`);
	const glib = run("pkg-config", ["--cflags", "--libs", "glib-2.0"]).trim().split(/\s+/);
	const screen = path.join(sdk.root, "build/simulators/modules");
	const source = path.join(ROOT, "hal/face/sample/picture.c");
	run(process.env.CC ?? "cc", ["-Wall", "-Wextra", "-DmxLinux=1", "-I", screen, "-o", HOST, source, ...glib, "-ldl"]);
}

/** The screen after a face, new when the program starts, has shown these facts, one after the other. */
export function pictureOf(facts: readonly Facts[], width: number, height: number): Picture {
	const file = path.join(FOLDER, `${process.pid}.ppm`);
	run(HOST, [APP, String(width), String(height), file, ...facts.map((each) => JSON.stringify(each))]);
	const frame = readFileSync(file);
	rmSync(file);
	return { width, height, rgb: frame.subarray(frame.length - 3 * width * height) };
}

function run(program: string, parameters: readonly string[]): string {
	const { status, error, stdout, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
	if (error) throw new HostError("CompilerMissing", `expected ${program} on this machine: ${error.message}`);
	if (status !== 0) throw new HostError("CompileFailed", `${program} failed: ${stderr}`);
	return stdout;
}
