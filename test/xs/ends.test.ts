/** How a device's program ends, and what the host reports of its memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { buildXs } from "../../tools/xs/build.js";
import { EXIT } from "../../tools/xs/run.js";
import { makeFolder } from "../support/folder.js";
import { runProgram, xsTest } from "./device.js";

const ENDS: readonly [what: string, exitCode: number, reason: RegExp | undefined][] = [
	["done", EXIT.done, undefined],
	["handledRejection", EXIT.done, undefined],
	["slots", EXIT.memoryFull, /^memory full: all 94208 bytes of the arena are in use$/],
	["chunks", EXIT.memoryFull, /^memory full: all 94208 bytes of the arena are in use$/],
	["stack", EXIT.stackOverflow, /^stack overflow: all 768 stack slots are in use$/],
	["exception", EXIT.unhandled, /^unhandled exception: RangeError: on purpose/],
	["timerException", EXIT.unhandled, /^unhandled exception: RangeError: on purpose/],
	["rejection", EXIT.unhandled, /^unhandled rejection: Error: nobody took this/],
	["restart", EXIT.restart, /^restart: the test wants it$/],
	["romFault", EXIT.romWrite, /^a preloaded object was written/],
];

for (const [what, exitCode, reason] of ENDS) {
	xsTest(`${what} ends with exit code ${exitCode}`, async (t) => {
		const build = await buildXs({ entry: "test/xs/programs/ends.ts" });
		const arena = build.bits === 64 ? 94208 : undefined;
		const { result } = await runProgram(t, "ends", { what }, { arena });
		t.is(result.exitCode, exitCode);
		t.is(result.signal, null);
		if (reason === undefined) {
			t.is(result.reason, undefined);
			t.is(result.stderr, "");
		} else {
			t.regex(result.reason ?? "", reason);
			t.is(result.stderr, `xs: ${result.reason}\n`);
		}
		if (exitCode === EXIT.memoryFull || exitCode === EXIT.stackOverflow) t.is(result.stderr.split("\n").length, 2);
	});
}

xsTest("a program that hangs is killed after the caller's time-out", async (t) => {
	const { result } = await runProgram(t, "ends", { what: "hang" }, { timeout: 300 });
	t.is(result.exitCode, null);
	t.is(result.signal, "SIGKILL");
	t.is(result.reason, "killed after 300 ms");
});

xsTest("a device that loses its helper ends by itself", async (t) => {
	const build = await buildXs({ entry: "test/xs/programs/ends.ts" });
	const flash = makeFolder(t);
	const parameters = ["--modules", build.modules, "--entry", build.entry, "--flash", flash];
	const configuration = openSync(new URL("fixtures/wait.json", import.meta.url), "r");
	t.teardown(() => closeSync(configuration));
	const child: ChildProcess = spawn(build.executable, [...parameters, "--config", "5"], {
		stdio: ["ignore", "ignore", "ignore", "pipe", "pipe", configuration],
	});
	child.stdio[3]!.destroy();
	const [exitCode] = await once(child, "exit");
	t.is(exitCode, EXIT.linkLost);
});

xsTest("wall time is real, shifted or unset, as the caller says", async (t) => {
	const wall = async (clock?: "unset" | number) => {
		const { events } = await runProgram(t, "ends", { what: "done" }, { clock });
		return (events[0]!.value as { wall: number | "unset" }).wall;
	};
	const before = Date.now();
	const real = await wall();
	t.true(Number(real) >= before && Number(real) <= Date.now());
	t.is(await wall("unset"), "unset");
	const ahead = Number(await wall(86_400)) - 86_400_000;
	t.true(ahead >= before && ahead <= Date.now());
	t.true(Number(await wall(-86_400)) < before);
});

xsTest("module-level state is in ROM, where a write throws or copies it into RAM, as on a chip", async (t) => {
	for (const what of ["romTypedArray", "romMap", "romFrozen"]) {
		const { events } = await runProgram(t, "ends", { what });
		t.deepEqual(events, [{ event: "refused", value: "TypeError" }], what);
	}
	const { events } = await runProgram(t, "ends", { what: "romObject" });
	t.deepEqual(events, [{ event: "copied", value: 2 }]);
});

xsTest("the report counts memory, steps and operations", async (t) => {
	// More than the chunks that the heap begins with.
	const small = (await runProgram(t, "ends", { what: "peak", count: 17_000 })).result;
	const large = (await runProgram(t, "ends", { what: "peak", count: 47_000 })).result;
	const again = (await runProgram(t, "ends", { what: "peak", count: 47_000 })).result;
	t.true(Math.abs(large.heap.chunksPeak - small.heap.chunksPeak - 30_000) < 500);
	t.true(large.heap.peak > small.heap.peak + 28_000);
	t.true(large.heap.peak < large.heap.limit);
	t.is(large.heap.taken - large.heap.peak, 768 * (large.bits / 2) - large.heap.stackPeak);
	t.is(large.heap.limit, 94_208 * (large.bits / 32));
	t.is(large.meter, again.meter);
	t.deepEqual(large.heap, again.heap);
	t.log(`${large.bits}-bit; at start ${large.heap.startSlots} bytes of slots, ${large.heap.startChunks} of chunks`);
	// Everything the program imports is preloaded: what it starts with does not grow with its code.
	t.true(large.heap.startSlots + large.heap.startChunks < 1024 * (large.bits / 32));
});
