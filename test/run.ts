/**
 * `npm test`: the lanes of tests, one after the other. At the end a line for each says that it ran, or why not, and what
 * processor time it took; then a line for what single tests did not find. What cannot run on this machine is no failure, but
 * in CI (`CI=true`) it is.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { searchSecrets } from "../tools/world/secret_log.js";
import { buildXs, xsAvailable } from "../tools/xs/build.js";
import { unitTests } from "./unit.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const inCI = process.env.CI === "true";
/** What a check exits with that could not run all of itself. */
const EXIT_NOT_RUN = 77;
/** What needs the XS host, and with it a C compiler. */
const XS_TESTS = ["test/xs/**/*.test.ts", "test/**/xs.test.ts", "test/**/*on_xs.test.ts", "test/esp32/c.test.ts"];
/** Of those, the ones that buy: they meet a clock. */
const XS_PURCHASES = ["test/start/xs.test.ts", "test/console/on_xs.test.ts", "test/markets/**/*on_xs.test.ts"];
/** How far ahead the later date is: beyond every certificate, window and period that a test could have in its text. */
const DAYS_AHEAD = 400;
/** Waits stay true: monotonic time is not moved. The variable is for 32-bit devices (tools/xs/run.ts). */
const LATER = [
	...["env", `MICROPAYER_CLOCK_AHEAD=${DAYS_AHEAD * 86_400}`],
	...["faketime", "--exclude-monotonic", "-f", `+${DAYS_AHEAD}d`],
] as const;
/** What has its own lane. */
const NOT_NODE = [...XS_TESTS, "test/moddable/**", ...unitTests()].map((pattern) => `!${pattern}`);
/** For tools/world/secret_log.ts. */
const SECRETS = path.join(ROOT, "build/secrets", String(process.pid));
/** For test/support/needs.ts. */
const NOT_RUN = `${SECRETS}.not_run`;
/** What CI has not, either. */
const OPTIONAL = /Moddable|ESP-IDF/;
/** The tests on Node alone make more, and say more; with less, something is not looked at any more. */
const LEAST_SECRETS = 2_000;
const LEAST_BYTES = 2_000_000;

type Result = "passed" | "failed" | `not run: ${string}`;

interface Lane {
	readonly name: string;
	/** It needs what CI has not, either. */
	readonly isOptional?: true;
	run(): Result | Promise<Result>;
}

const lanes: readonly Lane[] = [
	{ name: "package", run: () => bin("tsc", "-p", "modules/signer") },
	{ name: "types", run: () => bin("tsx", "tools/typecheck.ts") },
	{ name: "format and lint", run: () => bin("biome", "check", "--error-on-warnings") },
	{ name: "unit", run: () => bin("tsx", "test/unit.ts") },
	{ name: "Node", run: () => bin("ava", "test/**/*.test.ts", ...NOT_NODE) },
	{ name: "XS", run: runXs },
	{ name: `Node and XS, ${DAYS_AHEAD} days from now`, run: runLater },
	{ name: "signer core", run: () => bin("tsx", "test/signer/core/check.ts", ...(inCI ? [] : ["--quick"])) },
	{ name: "Moddable", run: runModdable, isOptional: true },
	{ name: "secrets", run: lookForSecrets },
];

async function runXs(): Promise<Result> {
	if (!xsAvailable()) return "not run: it needs a C compiler (Debian: apt install gcc gcc-multilib)";
	const { bits } = await buildXs({ onProgress: (line) => console.log(line) });
	if (bits !== 32) {
		appendFileSync(NOT_RUN, "a device's 32-bit slots, but twice as wide ones (Debian: apt install gcc-multilib)\n");
	}
	return await bin("ava", ...XS_TESTS);
}

/** The same under a later date, the chain and the sellers too: a test that holds on one day alone is found here. */
async function runLater(): Promise<Result> {
	if (!inCI) return "not run: it takes as long as the lanes above; CI=true npm test runs it";
	if (spawnSync("faketime", ["--version"]).error !== undefined) return "not run: Debian: apt install faketime";
	const unit = await run(...LATER, program("tsx"), "test/unit.ts");
	const node = await run(...LATER, program("ava"), "test/**/*.test.ts", ...NOT_NODE);
	const xs = await run(...LATER, program("ava"), ...XS_PURCHASES);
	return [unit, node, xs].find((result) => result !== "passed") ?? "passed";
}

function runModdable(): Result | Promise<Result> {
	if (!process.env.MODDABLE) return "not run: it needs the Moddable SDK, and MODDABLE does not say where that is";
	return bin("tsx", "test/moddable/run.ts");
}

/** No secret that a test made is in anything that was said or kept: all output of the lanes, all events, all flash. */
function lookForSecrets(): Result {
	const { secrets, bytes, found } = searchSecrets(SECRETS);
	console.log(`${secrets.toLocaleString("en")} forms of secrets, looked for in ${bytes.toLocaleString("en")} bytes`);
	for (const { file, before } of found.slice(0, 20)) console.log(`a secret in ${file} after ${before}`);
	if (found.length > 0) return "failed";
	rmSync(SECRETS, { recursive: true });
	if (secrets >= LEAST_SECRETS && bytes >= LEAST_BYTES) return "passed";
	console.log(`expected at least ${LEAST_SECRETS} in ${LEAST_BYTES} bytes: do the rigs still say what they make?`);
	return "failed";
}

function program(name: string): string {
	return path.join(ROOT, "node_modules/.bin", name);
}

/** Runs a program of node_modules. */
function bin(name: string, ...parameters: string[]): Promise<Result> {
	return run(program(name), ...parameters);
}

/** Runs a command; what it prints is shown as it comes, and written down. */
function run(command: string, ...parameters: string[]): Promise<Result> {
	// The shell's `times` has the processor time of all that the command started and waited for.
	const timed = ["-c", '"$@"; status=$?; times >&3; exit $status', "sh"];
	const child = spawn("sh", [...timed, command, ...parameters], {
		cwd: ROOT,
		env: {
			...process.env,
			MICROPAYER_SECRETS: SECRETS,
			MICROPAYER_NOT_RUN: NOT_RUN,
			...(process.stdout.isTTY && { FORCE_COLOR: "1" }),
		},
		stdio: ["ignore", "pipe", "pipe", "pipe"],
	});
	tee(child.stdout!, process.stdout);
	tee(child.stderr!, process.stderr);
	(child.stdio[3] as Readable).on("data", (times: Buffer) => {
		seconds += secondsIn(times.toString());
	});
	return new Promise((resolve) => {
		child.once("error", () => resolve("failed"));
		child.once("close", (status) => {
			if (status === EXIT_NOT_RUN) resolve("not run: some of it could not, as it says above");
			else resolve(status === 0 ? "passed" : "failed");
		});
	});
}

/** Of `times`: its second line has user and system time of the children, as 1m2.5s. */
function secondsIn(times: string): number {
	const children = times.trim().split("\n")[1] ?? "";
	return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + 60 * Number(m) + Number(s), 0);
}

function tee(from: Readable, to: Writable): void {
	from.on("data", (piece: Buffer) => {
		appendFileSync(path.join(SECRETS, "lanes.heard"), piece);
		to.write(piece);
	});
}

mkdirSync(SECRETS, { recursive: true });
/** Processor seconds of the lane that runs. */
let seconds = 0;
const results: [Lane, Result, number][] = [];
for (const lane of lanes) {
	console.log(`\n— ${lane.name}`);
	seconds = 0;
	const result = await lane.run();
	results.push([lane, result, seconds]);
}

console.log("");
for (const [{ name }, result, time] of results) {
	console.log(`${name}: ${result}${time > 0 ? `, ${time.toFixed(0)} s of processor time` : ""}`);
}
const missing = existsSync(NOT_RUN) ? [...new Set(readFileSync(NOT_RUN, "utf8").trim().split("\n"))] : [];
for (const what of missing) console.log(`not run: ${what}`);
const passed = results.filter(([, result]) => result === "passed").length;
const skipped = results.filter(([lane, result]) => result.startsWith("not run") && (!inCI || lane.isOptional)).length;
const isIncomplete = inCI && missing.some((what) => !OPTIONAL.test(what));
const failed = results.length - passed - skipped + (isIncomplete ? 1 : 0);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
rmSync(NOT_RUN, { force: true });
process.exitCode = failed === 0 ? 0 : 1;
