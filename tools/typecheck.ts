/**
 * `npm run typecheck`: the device's code, the tests, and what runs on Moddable alone (hal/moddable, hal/sim, hal/esp32,
 * modules/display, boards). The last is checked without the SDK, by `@moddable/typings` and the declarations of
 * hal/moddable/typings for what that package lacks; and, when `MODDABLE` is set, by the SDK's own declarations too.
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

/** First the package, since its tests import it as it is built. */
const projects = ["modules/signer/tsconfig.json", "tsconfig.json", "test/tsconfig.json", MODDABLE_PROJECT];
try {
	projects.push(writeSdkProject(findSdk()));
} catch (error) {
	if (!(error instanceof HostError)) throw error;
	console.log(`What runs on Moddable is not checked against the SDK's own declarations: ${error.message}`);
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

/** The same sources with the SDK's declarations in the place of the package's. */
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
