/** What a run on XS leaves in the temporary folder: nothing. */
import { xsTest } from "../xs/device.js";
import { configurationIsNotCopied, interrupt } from "./left_behind.js";

for (const [signal, afterLines] of [
	["SIGINT", 0],
	["SIGINT", 6],
	["SIGKILL", 1],
] as const) {
	xsTest(`${signal} after ${afterLines} events leaves nothing in the temporary folder`, (t) =>
		interrupt(t, "xs", signal, afterLines),
	);
}

xsTest("a configuration is copied to no file", (t) => configurationIsNotCopied(t, "xs"));
