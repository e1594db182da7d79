/**
 * `npm run size -- BOARD`: what the image of a board holds. Without ESP-IDF its JavaScript is linked all the same; native
 * code and the fit into a slot are told when the board has been built (`npm run flash`).
 */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./cli/command.js";
import { readOptions } from "./cli/options.js";
import { allBoards, appOf, type Board, findBoard } from "./moddable/boards.js";
import { type LinkedApp, linkApp } from "./moddable/link_app.js";
import { readPartitions } from "./moddable/partitions.js";
import { findSdk, type Sdk } from "./moddable/sdk.js";

const USAGE = `npm run size -- BOARD

Says what the image of a board holds.

  BOARD   ${allBoards()
		.map(({ name }) => name)
		.join(", ")}
`;

/** A slot of XS on a chip of 32 bits. */
const SLOT = 16;

const board = readOptions(USAGE, {}, (_values, positionals) => {
	if (positionals.length !== 1) throw new Error(`expected one board, got ${positionals.length}`);
	return findBoard(positionals[0]!);
});

await runCommand(() => {
	const sdk = findSdk();
	process.stdout.write([...javascriptInWords(linkApp(sdk, board)), ...imageInWords(sdk, board)].join("\n"));
	return 0;
});

function javascriptInWords({ bytecode, code, slots, bytes }: LinkedApp): string[] {
	return [
		"bytecode as it is compiled, in bytes",
		...groupsOf(bytecode).map(([name, sizes]) => row(name, sum(sizes), `${sizes.length} modules`)),
		row("all", sum([...bytecode.values()]), `${bytecode.size} modules`),
		"",
		"JavaScript as it lies in flash, in bytes",
		row("code that runs at start", code),
		row("preloaded objects", slots * SLOT, `${slots.toLocaleString("en")} slots of ${SLOT}`),
		row("their text and code", bytes),
		row("all", code + slots * SLOT + bytes),
		"",
		"the image, in bytes",
	];
}

/** The sizes by folder, the largest first; what is not the project's is the SDK's. */
function groupsOf(bytecode: ReadonlyMap<string, number>): [string, number[]][] {
	const groups = new Map<string, number[]>();
	for (const [module, size] of bytecode) {
		const name = /^micropayer\/(.*)\/[^/]*$/.exec(module)?.[1] ?? "the SDK";
		groups.set(name, [...(groups.get(name) ?? []), size]);
	}
	return [...groups].sort(([, a], [, b]) => sum(b) - sum(a));
}

function imageInWords(sdk: Sdk, board: Board): string[] {
	const slot = readPartitions(board.partitions).find(({ type }) => type === "app")!.size;
	// The SDK's makefile uses this name for any chip.
	const file = path.join(sdk.root, "build/bin/esp32", board.name, "release", appOf("development"), "xs_esp32.bin");
	if (!existsSync(file)) {
		return [row("a slot for it", slot), row("it", undefined, "not built here yet: npm run flash"), ""];
	}
	const { size } = statSync(file);
	const rest = `${(slot - size).toLocaleString("en")} to spare`;
	return [row("a slot for it", slot), row("it", size, size > slot ? "TOO LARGE" : rest), ""];
}

function sum(sizes: readonly number[]): number {
	return sizes.reduce((total, size) => total + size, 0);
}

function row(what: string, bytes: number | undefined, note = ""): string {
	const figure = (bytes === undefined ? "?" : bytes.toLocaleString("en")).padStart(12);
	return `  ${what.padEnd(28)}${figure}  ${note}`.trimEnd();
}
