/**
 * `npm run typecheck`: checks the device's code, the tests, and the code that runs only on Moddable (hal/moddable, hal/sim,
 * hal/esp32, modules/display, boards). The last is checked without the SDK, by `@moddable/typings` and the declarations in
 * hal/moddable/typings that the package lacks; if `MODDABLE` is set, also by the SDK's own declarations.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { HostError } from "./cli/host_error.js";
import { findSdk, type Sdk } from "./moddable/sdk.js";
import { ROOT } from "./project.js";

const MODDABLE_PROJECT = "hal/moddable/tsconfig.json";
const GENERATED_PROJECT = "build/moddable/typecheck/tsconfig.json";
/** Stand-ins for declarations that the SDK has and the package lacks. */
const STAND_INS = "hal/moddable/typings/sdk8";

/** The package comes first, since its tests import its build. */
const projects = ["modules/signer/tsconfig.json", "tsconfig.json", "test/tsconfig.json", MODDABLE_PROJECT];
try {
	projects.push(writeSdkProject(findSdk()));
} catch (error) {
	if (!(error instanceof HostError)) throw error;
	console.log(`The code for Moddable was not checked against the SDK's own declarations: ${error.message}`);
}
process.exitCode = projects.map(check).every(Boolean) ? 0 : 1;

function check(project: string): boolean {
	const { status } = spawnSync(path.join(ROOT, "node_modules/.bin/tsc"), ["-p", project], {
		cwd: ROOT,
		stdio: "inherit",
	});
	console.log(`${project}: ${status === 0 ? "no errors" : "errors"}`);
	return status === 0;
}

/** Writes a project with the same sources and the SDK's declarations instead of the package's. */
function writeSdkProject({ root }: Sdk): string {
	const { include, exclude } = JSON.parse(readFileSync(path.join(ROOT, MODDABLE_PROJECT), "utf8")) as {
		include: string[];
		exclude: string[];
	};
	const absolute = (entry: string) => path.join(ROOT, path.dirname(MODDABLE_PROJECT), entry);
	const own = include.filter((entry) => !entry.includes("@moddable/typings")).map(absolute);
	const project = {
		extends: path.join(ROOT, "tsconfig.json"),
		include: [...own, path.join(root, "typings"), path.join(root, "xs/includes/xs.d.ts")],
		exclude: [...exclude.map(absolute), path.join(ROOT, STAND_INS), path.join(root, "typings/pebble")],
	};
	mkdirSync(path.dirname(path.join(ROOT, GENERATED_PROJECT)), { recursive: true });
	writeFileSync(path.join(ROOT, GENERATED_PROJECT), JSON.stringify(project, null, "\t"));
	return GENERATED_PROJECT;
}
