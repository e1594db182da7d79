/** Runs a command and ends it with an exit code. */
import { HostError } from "./host_error.js";

/**
 * Runs a command and sets the exit code to what it returns. A `HostError` is one line on standard error, and the exit code
 * 1; any other error is a defect and keeps its stack.
 */
export async function runCommand(command: () => number | Promise<number>): Promise<void> {
	try {
		process.exitCode = await command();
	} catch (error) {
		if (!(error instanceof HostError)) throw error;
		process.stderr.write(`micropayer: ${error.message}\n`);
		process.exitCode = 1;
	}
}
