/** The command line of a command: what is wrong with it is said once, with the command's usage (exit code 64). */
export function readOptions<Options>(usage: string, read: () => Options): Options {
	try {
		return read();
	} catch (error) {
		process.stderr.write(`micropayer: ${(error as Error).message}\n\n${usage}`);
		process.exit(64);
	}
}
