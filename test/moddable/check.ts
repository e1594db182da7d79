/** One thing that is shown, with a line that says whether it held. */
export interface Check {
	readonly name: string;
	/** Throws when it does not hold. Returns what is worth saying. */
	run(): Promise<string | undefined>;
}

/** Whether all held. */
export async function runChecks(checks: readonly Check[]): Promise<boolean> {
	let failed = 0;
	for (const { name, run } of checks) {
		try {
			const note = await run();
			console.log(`pass  ${name}${note === undefined ? "" : `: ${note}`}`);
		} catch (error) {
			failed++;
			console.log(`FAIL  ${name}\n      ${(error as Error).message.split("\n").join("\n      ")}`);
		}
	}
	console.log(`${checks.length - failed} passed, ${failed} failed`);
	return failed === 0;
}
