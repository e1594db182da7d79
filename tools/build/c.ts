/** Compiles C, as many files at a time as the machine has processors. */
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";

const run = promisify(execFile);
const OUTPUT_MAX = 1 << 24;

/**
 * Runs the compiler in the project's root, so that relative paths give the same object file wherever the project is.
 *
 * @throws HostError `CompileFailed`
 */
export async function compile(compiler: string, parameters: readonly string[]): Promise<void> {
	try {
		await run(compiler, parameters, { cwd: ROOT, maxBuffer: OUTPUT_MAX });
	} catch (error) {
		const { stderr } = error as { stderr?: string };
		throw new HostError("CompileFailed", `${compiler} failed:\n${stderr ?? error}`);
	}
}

/**
 * Compiles each C file to an object file in `folder`.
 *
 * @throws HostError `CompileFailed`
 */
export async function compileAll(
	compiler: string,
	files: readonly string[],
	flags: readonly string[],
	folder: string,
): Promise<void> {
	const queue = [...files];
	const worker = async () => {
		for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
			await compile(compiler, [...flags, "-c", file, "-o", path.join(folder, `${path.basename(file, ".c")}.o`)]);
		}
	};
	await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, worker));
}
