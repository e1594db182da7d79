/**
 * Starts the project's commands on a machine that has only Node: installs the packages of package-lock.json if they are
 * missing, and then runs a TypeScript file.
 *
 * node tools/bootstrap.mjs FILE.ts [ARGUMENT …]
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OLDEST_NODE = [20, 19];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
	fail(`expected Node ${OLDEST_NODE.join(".")} or later, this is ${process.versions.node}: get one from nodejs.org`);
}
if (!isInstalled()) install();
// A reader that stops early, such as head(1), is no error. The exit code is the shell's number for SIGPIPE.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error) => {
		if (error.code !== "EPIPE") throw error;
		process.exit(141);
	});
}

const { register } = await import("tsx/esm/api");
register();
const [, , file, ...parameters] = process.argv;
process.argv = [process.argv[0], path.resolve(ROOT, file), ...parameters];
await import(pathToFileURL(process.argv[1]).href);

/** True if the installed packages match package-lock.json: npm keeps its own list beside the packages. */
function isInstalled() {
	const installed = path.join(ROOT, "node_modules/.package-lock.json");
	if (!existsSync(installed)) return false;
	const have = JSON.parse(readFileSync(installed, "utf8")).packages;
	const want = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")).packages;
	return Object.entries(want).every(
		([name, { version, optional }]) => name === "" || optional || have[name]?.version === version,
	);
}

/** Reports to standard error: standard output belongs to the command. */
function install() {
	process.stderr.write("micropayer: installing the packages of package-lock.json (npm ci)\n");
	// Whatever NODE_ENV says: the tools themselves are development dependencies.
	const parameters = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
	const { status, error } = spawnSync("npm", parameters, {
		cwd: ROOT,
		stdio: ["ignore", 2, 2],
		shell: process.platform === "win32",
	});
	if (status !== 0) fail(`npm ci failed (${error?.message ?? `exit code ${status}`}): run it by hand to see why`);
}

function fail(message) {
	process.stderr.write(`micropayer: ${message}\n`);
	process.exit(1);
}
