/** What a run on Node leaves in the temporary folder: nothing. */
import test from "ava";
import { configurationIsNotCopied, interrupt } from "./left_behind.js";

for (const [signal, afterLines] of [
	["SIGINT", 1],
	["SIGTERM", 8],
	["SIGKILL", 4],
] as const) {
	test(`${signal} after ${afterLines} events leaves nothing in the temporary folder`, (t) =>
		interrupt(t, "node", signal, afterLines));
}

test("a configuration is copied to no file", (t) => configurationIsNotCopied(t, "node"));
