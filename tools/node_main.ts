/**
 * The firmware on Node, a process of its own, so that its power can be cut. Options come as JSON on standard input, events
 * go out as JSON lines; they are written before anything else happens, since the power may be cut next. The owner's console
 * is on descriptors 3 (in) and 4 (out).
 */
import { createReadStream, readFileSync, writeSync } from "node:fs";
import { readMarkets } from "../hal/node/markets.js";
import { createNodePort, type NodePortOptions } from "../hal/node/port.js";
import { main } from "../src/main.js";

/** As on the XS host: the other end of the line is gone. */
const EXIT_LINK_LOST = 74;

const { configuration, flash, cut, clock, ca, hasConsole } = JSON.parse(readFileSync(0, "utf8")) as {
	configuration?: string;
	flash: string;
	cut?: { operation: number; phase: "before" | "after" };
	clock?: "unset" | number;
	ca?: string;
	hasConsole: boolean;
};
const tell = (event: object) => writeSync(1, `${JSON.stringify(event)}\n`);
const wall: NodePortOptions["clock"] =
	clock === "unset" ? { set: false } : { offset: 1_000 * (clock === undefined ? 0 : clock) };
const port = createNodePort({
	configuration,
	flash,
	onEvent: tell,
	clock: wall,
	ca,
	cut: cut && { at: cut.operation, side: cut.phase },
	console: hasConsole ? openConsole() : undefined,
});
process.on("exit", () => tell({ event: "operations", count: port.operations }));
await main(port, await readMarkets());

function openConsole() {
	const input = createReadStream("", { fd: 3 });
	input.on("end", () => process.exit(EXIT_LINK_LOST));
	return { input, onLine: (line: string) => writeSync(4, `${line}\n`) };
}
