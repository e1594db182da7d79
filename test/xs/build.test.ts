/** Building the host: what it refuses, and the 64-bit build for compilers without 32 bits. */
import test from "ava";
import { HostError } from "../../tools/cli/host_error.js";
import { buildXs, xsAvailable } from "../../tools/xs/build.js";
import { runProgram, xsTest } from "./device.js";

const ENTRY = "test/xs/programs/ends.ts";

/** The error of a build in another environment. */
async function refusal(variables: Record<string, string>, entry = ENTRY): Promise<HostError | undefined> {
	const before = { ...process.env };
	Object.assign(process.env, variables);
	try {
		await buildXs({ entry });
		return undefined;
	} catch (error) {
		return error as HostError;
	} finally {
		for (const name of Object.keys(variables)) delete process.env[name];
		Object.assign(process.env, before);
	}
}

test.serial("without a C compiler the build ends with one line that names the remedy", async (t) => {
	const error = await refusal({ CC: "no-such-compiler" });
	t.true(error instanceof HostError);
	t.is(error?.name, "CompilerMissing");
	t.regex(error?.message ?? "", /^no C compiler: "no-such-compiler" does not run; [^\n]*$/);
	process.env.CC = "no-such-compiler";
	t.false(xsAvailable());
	delete process.env.CC;
});

xsTest("XS_SOURCES chooses the engine's sources", async (t) => {
	const error = await refusal({ XS_SOURCES: "/no/such/xs" });
	t.is(error?.name, "SourcesMissing");
	t.regex(error?.message ?? "", /\/no\/such\/xs\/sources/);
});

xsTest("a module that a device cannot have is refused by name", async (t) => {
	const error = await refusal({}, "tools/xs/link.ts");
	t.is(error?.name, "ModuleMissing");
	t.regex(error?.message ?? "", /^tools\/xs\/link\.ts imports "node:/);
	t.is((await refusal({}, "no/such/entry.ts"))?.name, "ModuleMissing");
});

xsTest("with 64-bit slots the limits are doubled, and reported", async (t) => {
	const lines: string[] = [];
	const build = await buildXs({ entry: ENTRY, bits: 64, onProgress: (line) => lines.push(line) });
	t.is(lines[0], "64-bit slots, limits doubled (for a device's 32-bit ones, Debian: gcc-multilib)");
	const { result } = await runProgram(t, "ends", { what: "done" }, { build });
	t.is(result.exitCode, 0);
	t.is(result.bits, 64);
	t.is(result.heap.limit, 2 * 94_208);
});
