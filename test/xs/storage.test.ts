/** The flash folder: what storage takes, and that no key comes out of it. */
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "../support/folder.js";
import { runProgram, xsTest } from "./device.js";

xsTest("storage keeps 1 to 4,000 bytes under 1 to 15 characters", async (t) => {
	const { events } = await runProgram(t, "storage", {});
	const [write, value, ...rest] = events;
	t.deepEqual(write, { event: "write", least: "done", most: "done" });
	t.deepEqual(value, { event: "value", empty: "RangeError", long: "RangeError" });
	const keys = rest.filter(({ event }) => event === "key");
	t.is(keys.length, 9);
	for (const { key, outcome } of keys) t.is(outcome, key === ".." ? "done" : "RangeError", String(key));
	t.deepEqual(
		rest.find(({ event }) => event === "read"),
		{ event: "read", a: "1 bytes", long: "4000 bytes" },
	);
	t.deepEqual(
		rest.find(({ event }) => event === "deleted"),
		{ event: "deleted", a: "done" },
	);
});

xsTest("storage persists from run to run, in a file for each key", async (t) => {
	const flash = makeFolder(t);
	await runProgram(t, "storage", {}, { flash });
	t.deepEqual((await readdir(flash)).sort(), [".lock", "key.0", "kv...", "kv.abcdefghijklmno"]);
	t.deepEqual(await readFile(path.join(flash, "kv.abcdefghijklmno")), Buffer.alloc(4000, 7));
});

xsTest("a key's file is readable by its owner alone, and storage cannot reach it", async (t) => {
	const flash = makeFolder(t);
	const { events } = await runProgram(t, "storage", {}, { flash });
	const file = path.join(flash, "key.0");
	t.is((await stat(file)).mode & 0o777, 0o600);
	const record = await readFile(file);
	t.is(record.length, 33);
	t.is(record[0], 0);
	const stolen = events.filter(({ event }) => event === "steal");
	t.is(stolen.length, 4);
	for (const { outcome } of stolen) t.regex(String(outcome), /^(done|RangeError)$/); // "done": nothing was there
	t.false(JSON.stringify(events).includes(record.subarray(1).join()));
});

xsTest("a damaged key record is refused, not signed with", async (t) => {
	const flash = makeFolder(t);
	await writeFile(path.join(flash, "key.0"), Buffer.alloc(20));
	const { result } = await runProgram(t, "storage", {}, { flash });
	t.regex(result.reason ?? "", /unhandled exception: StorageFailed/);
});

xsTest("random fills its buffer, each time differently", async (t) => {
	const draw = async () => (await runProgram(t, "storage", {})).events.find(({ event }) => event === "random")!;
	const [first, second] = [await draw(), await draw()];
	t.true(first.kept);
	t.not(first.bytes, second.bytes);
	t.not(first.bytes, new Array(32).fill(0).join());
});
