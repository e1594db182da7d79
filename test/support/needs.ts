/** Tests that need what not every machine has. */
import { appendFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";

/** The file in which `npm test` collects what did not run. */
const LIST = process.env.MICROPAYER_NOT_RUN;

/**
 * A test that runs unless something is missing: then it is listed as to be done, and the last lines of `npm test` say what is
 * missing, and how to get it.
 */
export function testWith(
	missing: string | undefined,
	title: string,
	implementation: (t: ExecutionContext) => unknown,
	declare: (title: string, implementation: (t: ExecutionContext) => Promise<void>) => void = test,
): void {
	if (missing === undefined) {
		declare(title, async (t) => {
			await implementation(t);
		});
		return;
	}
	test.todo(`${title} (not run: ${missing})`);
	if (LIST !== undefined) appendFileSync(LIST, `${missing}\n`);
}
