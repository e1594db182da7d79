/** What the tests of the XS host share. */
import type net from "node:net";
import test, { type ExecutionContext } from "ava";
import { Heard, heard, kept } from "../../tools/world/secret_log.js";
import { buildXs, xsAvailable } from "../../tools/xs/build.js";
import { runXs, type XsResult, type XsRunOptions } from "../../tools/xs/run.js";
import { makeFolder } from "../support/folder.js";
import { testWith } from "../support/needs.js";

/** Asked once, before a test changes the environment. */
const missing = xsAvailable() ? undefined : "no C compiler (Debian: apt install gcc gcc-multilib)";

export interface Run {
	readonly result: XsResult;
	readonly events: readonly Record<string, unknown>[];
}

/** A test that needs a C compiler. */
export function xsTest(title: string, implementation: (t: ExecutionContext) => Promise<void>): void {
	testWith(missing, title, implementation, test.serial);
}

/** Runs a program of `programs/` with a configuration. */
export async function runProgram(
	t: ExecutionContext,
	program: string,
	configuration: unknown,
	options: Partial<XsRunOptions> = {},
): Promise<Run> {
	const build = options.build ?? (await buildXs({ entry: `test/xs/programs/${program}.ts` }));
	const events: Record<string, unknown>[] = new Heard();
	const flash = options.flash ?? makeFolder(t);
	const result = await runXs({
		timeout: 60_000,
		flash,
		configuration: JSON.stringify(configuration),
		...options,
		build,
		onEvent: (event) => events.push(event),
	});
	heard(result.stderr);
	kept(flash);
	return { result, events: [...events] };
}

/** A server on a free port that lives as long as the test. */
export async function listen(t: ExecutionContext, server: net.Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.teardown(() => server.close());
	return (server.address() as net.AddressInfo).port;
}
