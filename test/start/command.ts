/** `npm start` as a process. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { heard } from "../../tools/world/secret_log.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** What `npm start -- PARAMETERS` runs, without npm. */
export function start(...parameters: string[]): Promise<Ended> {
	return endOf(launch(parameters));
}

/** The same, still running. `environment` is added to this process's own. */
export function launch(
	parameters: readonly string[],
	environment: NodeJS.ProcessEnv = {},
): ChildProcessByStdio<null, Readable, Readable> {
	return spawn(process.execPath, ["tools/bootstrap.mjs", "tools/start.ts", ...parameters], {
		cwd: ROOT,
		env: { ...process.env, ...environment },
		stdio: ["ignore", "pipe", "pipe"],
	});
}

export function endOf(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Ended> {
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr += text;
	});
	return new Promise((resolve) => {
		child.once("close", (exitCode) => {
			for (const output of [stdout, stderr]) heard(output);
			resolve({ exitCode, stdout, stderr });
		});
	});
}

/** The events of `--json`: every line is one. */
export function events({ stdout }: Ended): Record<string, unknown>[] {
	return stdout
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
}
