/** `npm start` on XS, with the ESP32-C3's memory. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { makeFolder } from "../support/folder.js";
import { endOf, events, launch, start } from "./command.js";
import { demonstrate, demonstrateSellers } from "./demonstration.js";

test("npm start buys a day within the device's memory that the chain confirms, and a second run continues it", async (t) => {
	const { heap, bits } = await demonstrate(t, "xs");
	t.is(heap?.limit, bits === 32 ? 94_208 : 188_416);
	t.log(`peak ${heap?.peak}: slots ${heap?.slotsPeak}, chunks ${heap?.chunksPeak}, stack ${heap?.stackPeak}`);
});

test("six purchases take at most 60 % of the device's memory", async (t) => {
	const { heap } = await demonstrateSellers(t, "xs");
	t.true(heap!.peak <= 0.6 * heap!.limit, `${heap!.peak} of ${heap!.limit} bytes`);
	t.log(`peak ${heap?.peak}`);
});

test("--json prints JSON alone, the summary last", async (t) => {
	const ended = await start("--json");
	t.is(ended.exitCode, 0, ended.stderr);
	const summary = events(ended).at(-1)!;
	t.deepEqual(Object.keys(summary), [
		...["event", "engine", "bits", "purchases", "delivered", "refused", "unknown", "spent", "heap", "meter"],
	]);
	t.like(summary, { event: "summary", engine: "xs", purchases: 16, delivered: 13, refused: 2, unknown: 1 });
	t.deepEqual(Object.keys(summary.heap as object), ["limit", "taken", "peak", "slotsPeak", "chunksPeak"]);
});

test("too little memory ends with one clear line", async (t) => {
	const ended = await start("--json", "--arena", "32768");
	t.is(ended.exitCode, 1);
	t.regex(ended.stderr, /^micropayer: memory full.*$/m);
});

test("without gcc-multilib npm start runs on 64-bit slots with doubled limits, and says so", async (t) => {
	const folder = makeFolder(t);
	const compiler = path.join(folder, "cc");
	const only64 = '#!/bin/sh\nfor word; do [ "$word" = -m32 ] && exit 1; done\nexec cc "$@"\n';
	writeFileSync(compiler, only64, { mode: 0o755 });
	const ended = await endOf(launch([], { CC: compiler }));
	t.is(ended.exitCode, 0, ended.stderr);
	t.regex(ended.stdout, /XS, 64-bit slots, 188,416 bytes of memory: no gcc-multilib, so slots and limits are twice/);
});
