/**
 * `npm test`: the lanes of tests, one after the other, and at the end a line for each that says that it ran, or why not.
 * A lane that cannot run on this machine is no failure, but in CI (`CI=true`) it is.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildXs, xsAvailable } from "../hal/host/build.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const inCI = process.env.CI === "true";
/** What a check exits with that could not run all of itself. */
const EXIT_NOT_RUN = 77;
/** What needs the XS host, and with it a C compiler. */
const XS_TESTS = ["test/xs/**/*.test.ts", "test/**/xs.test.ts", "test/**/*on_xs.test.ts"];

type Result = "passed" | "failed" | `not run: ${string}`;

interface Lane {
	readonly name: string;
	run(): Result | Promise<Result>;
}

const lanes: readonly Lane[] = [
	{ name: "package", run: () => bin("tsc", "-p", "modules/signer") },
	{ name: "types", run: () => both(bin("tsc", "-p", "tsconfig.json"), () => bin("tsc", "-p", "test/tsconfig.json")) },
	{ name: "format and lint", run: () => bin("biome", "check", "--error-on-warnings") },
	{ name: "Node", run: () => bin("ava", "test/**/*.test.ts", ...XS_TESTS.map((pattern) => `!${pattern}`)) },
	{ name: "XS", run: runXs },
	{ name: "signer core", run: () => bin("tsx", "test/signer/core/check.ts", ...(inCI ? [] : ["--quick"])) },
];

async function runXs(): Promise<Result> {
	if (!xsAvailable()) return "not run: it needs a C compiler (Debian: apt install gcc gcc-multilib)";
	const { bits } = await buildXs({ onProgress: (line) => console.log(line) });
	if (inCI && bits !== 32) return "not run: CI wants 32-bit slots (Debian: apt install gcc-multilib)";
	return bin("ava", ...XS_TESTS);
}

/** Runs a program of node_modules. */
function bin(name: string, ...parameters: string[]): Result {
	const program = path.join(ROOT, "node_modules/.bin", name);
	const { status } = spawnSync(program, parameters, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
	if (status === EXIT_NOT_RUN) return "not run: some of it could not, as it says above";
	return status === 0 ? "passed" : "failed";
}

function both(first: Result, second: () => Result): Result {
	return first === "passed" ? second() : first;
}

const results: [string, Result][] = [];
for (const { name, run } of lanes) {
	console.log(`\n— ${name}`);
	results.push([name, await run()]);
}

console.log("");
for (const [name, result] of results) console.log(`${name}: ${result}`);
const count = (state: string) => results.filter(([, result]) => result.startsWith(state)).length;
const failed = count("failed") + (inCI ? count("not run") : 0);
console.log(`${count("passed")} passed, ${failed} failed, ${results.length - count("passed") - failed} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
