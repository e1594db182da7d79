/** The power campaign finds each fault that is put back into the code. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import test from "ava";
import { compile } from "../support/compile.js";
import { FAULTS } from "./faults.js";
import type { Tally } from "./runs.js";

const run = promisify(execFile);
/** A fault that is not found in so many runs is one that the campaign does not know. */
const RUNS = 1_000;

for (const [index, [fault, { scenario, edits }]] of Object.entries(FAULTS).entries()) {
	test.serial(`the power campaign finds a device that ${fault}`, async (t) => {
		const program = await compile("test/power/worker.ts", `power-fault-${index}`, edits);
		const options = ["0", "1", String(RUNS), "1", "1", scenario, "stop"];
		const { stdout } = await run(process.execPath, [program, ...options]);
		const { failures, runs } = JSON.parse(stdout) as Tally;
		t.truthy(failures[0], `not in ${runs} runs`);
		t.log(`after ${runs} runs: ${failures[0]?.command}: ${failures[0]?.violations[0]}`);
	});
}
