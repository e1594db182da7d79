/** `npm start` as a process. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** What `npm start -- PARAMETERS` runs, without npm. */
export function start(...parameters: string[]): Promise<Ended> {
	const child = spawn(process.execPath, ["hal/bootstrap.mjs", "hal/host/start.ts", ...parameters], {
		cwd: ROOT,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text: string) => {
		stderr += text;
	});
	return new Promise((resolve) => child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr })));
}

/** The events of `--json`: every line is one. */
export function events({ stdout }: Ended): Record<string, unknown>[] {
	return stdout
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
}
