/** The faults that campaigns have to find can be put back into the source as it is. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { FAULTS as LIVES } from "../lives/faults.js";
import { FAULTS as POWER } from "../power/faults.js";
import type { Edit } from "../support/compile.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const all: Readonly<Record<string, readonly Edit[]>> = {
	...LIVES,
	...Object.fromEntries(Object.entries(POWER).map(([fault, { edits }]) => [fault, edits])),
};

test("the text that each fault replaces is in its file once", (t) => {
	for (const [fault, edits] of Object.entries(all)) {
		for (const { file, from } of edits) {
			const parts = readFileSync(path.join(ROOT, file), "utf8").split(from);
			t.is(
				parts.length,
				2,
				`${fault}: write its edit of ${file} for the code as it is now (test/*/faults.ts): ${from}`,
			);
		}
	}
});
