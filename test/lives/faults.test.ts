/** The random lives find each fault that is put back into the code. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import { compile } from "../support/compile.js";
import { FAULTS } from "./faults.js";
import type { Lived } from "./worker.js";

const run = promisify(execFile);
/** A fault that is not found in so many lives is one that the lives do not know. */
const LIVES = 1_000;

for (const [index, [fault, edits]] of Object.entries(FAULTS).entries()) {
	test.serial(`random lives find the fault that ${fault}`, async (t) => {
		const program = await compile("test/lives/worker.ts", `fault-${index}`, edits);
		const { stdout } = await run(process.execPath, [program, "1", String(LIVES)]);
		const { failure, lives } = JSON.parse(stdout) as Lived;
		t.truthy(failure, `not in ${lives} lives`);
		t.log(`after ${lives} lives: ${failure?.violations[0]}`);
	});
}
