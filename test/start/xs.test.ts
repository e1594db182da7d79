/** `npm start` on XS, with the ESP32-C3's memory. */
import test from "ava";
import { events, start } from "./command.js";
import { demonstrate } from "./demonstration.js";

test("six purchases, and the chain agrees; a second run goes on where the first ended", async (t) => {
	const { heap, bits } = await demonstrate(t, "xs");
	t.is(heap?.limit, bits === 32 ? 94_208 : 188_416);
	t.true(heap!.peak <= 0.6 * heap!.limit, `${heap!.peak} of ${heap!.limit} bytes`);
});

test("--json prints JSON alone, the summary last", async (t) => {
	const ended = await start("--json");
	t.is(ended.exitCode, 0, ended.stderr);
	const summary = events(ended).at(-1)!;
	t.deepEqual(Object.keys(summary), [
		...["event", "engine", "bits", "purchases", "delivered", "refused", "unknown", "spent", "heap", "meter"],
	]);
	t.like(summary, { event: "summary", engine: "xs", purchases: 6, delivered: 4, refused: 2, unknown: 0 });
	t.deepEqual(Object.keys(summary.heap as object), ["limit", "peak", "slotsPeak", "chunksPeak"]);
});

test("too little memory ends with one clear line", async (t) => {
	const ended = await start("--json", "--arena", "32768");
	t.is(ended.exitCode, 1);
	t.regex(ended.stderr, /^micropayer: memory full.*$/m);
});
