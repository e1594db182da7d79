/** The console of a device on XS, in the memory of the ESP32-C3. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { generatePrivateKey } from "viem/accounts";
import { expectedEnds } from "../../tools/demonstration/expected_ends.js";
import { startWorld } from "../../tools/world/world.js";
import { buildXs } from "../../tools/xs/build.js";
import { serveLink } from "../../tools/xs/link.js";
import { makeFolder } from "../support/folder.js";
import { xsTest } from "../xs/device.js";
import { memoryOf } from "../xs/memory_of.js";
import { fullDay } from "./full_day.js";
import { firstDay } from "./provisioning.js";

xsTest("from an empty flash to the first paid purchase, by console commands alone", async (t) => {
	const build = await buildXs();
	const world = await startWorld();
	try {
		const { exitCode, heap } = await firstDay(t, world, "xs", build);
		t.is(exitCode, 74, "switched off, by nothing else");
		if (build.bits === 32) t.is(heap?.limit, 94_208);
	} finally {
		await world.stop();
	}
});

xsTest("keys that the console takes are in the flash, and nowhere in the device's memory", async (t) => {
	const build = await buildXs({ entry: "test/xs/programs/console_key.ts" });
	const flash = makeFolder(t);
	const parameters = ["--modules", build.modules, "--entry", build.entry, "--flash", flash, "--console", "yes"];
	const child = spawn(build.executable, parameters, { stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"] });
	t.teardown(() => child.kill("SIGKILL"));
	const input = new PassThrough();
	const keys = [generatePrivateKey().slice(2), generatePrivateKey().slice(2), generatePrivateKey().slice(2)];
	const lines = await new Promise<string[]>((resolve) => {
		const lines: string[] = [];
		void serveLink({
			toDevice: child.stdio[3] as Writable,
			fromDevice: child.stdio[4] as Readable,
			onEvent: () => {},
			onReport: () => {},
			console: { input, onLine: (line) => lines.push(line) === 4 && resolve(lines) },
		});
		input.write(`${keys[0]}\n0x${keys[1]}\n${keys[2]!.slice(0, 63)}x\nan ordinary line\n`);
	});
	t.deepEqual(lines, ["slot 0: taken", "slot 1: taken", "slot 2: KeyOutOfRange", "a line of 16 characters"]);
	for (const slot of [0, 1]) t.is(readFileSync(path.join(flash, `key.${slot}`)).toString("hex", 1, 33), keys[slot]!);

	const memory = memoryOf(child.pid!);
	const holds = (bytes: Buffer) => memory.some((part) => part.includes(bytes));
	t.true(holds(Buffer.from("xs_console_take_key")), "the search finds what is there");
	for (const [slot, key] of keys.entries()) {
		for (let i = 0; i < 56; i += 8) t.false(holds(Buffer.from(key.slice(i, i + 8))), `slot ${slot}, digits from ${i}`);
		const bytes = Buffer.from(key, "hex").subarray(0, 31);
		for (const order of [bytes, Buffer.from([...bytes].reverse())])
			for (let i = 0; i < 24; i += 8) t.false(holds(order.subarray(i, i + 8)), `slot ${slot}, bytes from ${i}`);
	}
});

xsTest("a day at four markets and two sellers goes on while the console is used", async (t) => {
	const { result, events, answers, refusals } = await fullDay(t, await buildXs());
	t.deepEqual(refusals, []);
	t.is(result.exitCode, 74, result.reason);
	t.is(events.filter(({ event }) => event === "purchase").length, 16);
	for (const { event, plan, state } of events) {
		t.not(event, "error");
		if (event === "purchase") t.is(state, expectedEnds[String(plan)] ?? "delivered", String(plan));
	}
	const { peak = 0, slotsPeak, chunksPeak, stackPeak } = result.heap ?? {};
	t.log(`peak ${peak}: slots ${slotsPeak}, chunks ${chunksPeak}, stack ${stackPeak}; ${answers} answers`);
});
