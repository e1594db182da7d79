/**
 * The firmware on Node, in a process of its own, so that its power can be cut. Options arrive as JSON on standard input.
 * Events leave as JSON lines, written before anything else happens, since the power may be cut next. The owner's console is
 * on descriptors 3 (in) and 4 (out).
 */
import { readFileSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { FlashLockError, lockFlash } from "../hal/node/flash_lock.js";
import { readMarkets } from "../hal/node/markets.js";
import { createNodePort, type NodePortOptions } from "../hal/node/port.js";
import { main } from "../src/main.js";

/** Exit codes of hal/xs/host.h. */
const EXIT_LINK_LOST = 74;
const EXIT_USAGE = 64;
const EXIT_FLASH_IN_USE = 78;

const { configuration, flash, cut, clock, ca, refuseEvery, hasConsole } = JSON.parse(readFileSync(0, "utf8")) as {
	configuration?: string;
	flash: string;
	cut?: { operation: number; phase: "before" | "after" };
	clock?: "unset" | number;
	ca?: string;
	refuseEvery?: number;
	hasConsole: boolean;
};
takeFlash();
/** Ends when the other process closes it or ends: no device outlives its bench. */
const line = new Socket({ fd: 3, readable: true, writable: false });
line.on("end", () => process.exit(EXIT_LINK_LOST));
if (!hasConsole) line.resume().unref();
const tell = (event: object) => writeSync(1, `${JSON.stringify(event)}\n`);
const wall: NodePortOptions["clock"] =
	clock === "unset" ? { set: false } : { offset: 1_000 * (clock === undefined ? 0 : clock) };
const port = createNodePort({
	configuration,
	flash,
	onEvent: tell,
	clock: wall,
	ca,
	refuseEvery,
	cut: cut && { at: cut.operation, side: cut.phase },
	console: hasConsole ? { input: line, onLine: (text: string) => writeSync(4, `${text}\n`) } : undefined,
});
process.on("SIGUSR2", measure);
process.on("exit", () => tell({ event: "operations", count: port.operations, refusedWrites: port.refusedWrites }));
await main(port, await readMarkets());

function takeFlash(): void {
	try {
		lockFlash(flash);
	} catch (error) {
		process.stderr.write(`${(error as Error).message}\n`);
		process.exit(error instanceof FlashLockError && error.name === "FlashInUse" ? EXIT_FLASH_IN_USE : EXIT_USAGE);
	}
}

/** Reports the heap in use after a garbage collection. Node does not report a peak. */
function measure(): void {
	setFlagsFromString("--expose-gc");
	runInNewContext("gc")();
	const { heapUsed } = process.memoryUsage();
	tell({ event: "measure", live: heapUsed, peak: heapUsed });
}
