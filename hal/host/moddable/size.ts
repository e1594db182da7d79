/**
 * `npm run size -- BOARD`: what the image of a board holds. Without ESP-IDF its JavaScript is linked all the same; native
 * code and the fit into a slot are told when the board has been built (`npm run flash`).
 */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { HostError } from "../errors.js";
import { allBoards, appOf, type Board, findBoard } from "./boards.js";
import { linkApp } from "./link_app.js";
import type { LinkedImage, LinkedModule } from "./linked_image.js";
import { readPartitions } from "./partitions.js";
import { findSdk, type Sdk } from "./sdk.js";

const USAGE = `npm run size -- BOARD

Says what the image of a board holds.

  BOARD   ${allBoards()
		.map(({ name }) => name)
		.join(", ")}
`;

/** A slot of XS on a chip of 32 bits. */
const SLOT = 16;

process.exitCode = main(process.argv.slice(2));

function main(parameters: readonly string[]): number {
	if (parameters[0] === "--help" || parameters.length !== 1) {
		process.stdout.write(USAGE);
		return parameters[0] === "--help" ? 0 : 64;
	}
	try {
		const board = findBoard(parameters[0]!);
		const sdk = findSdk();
		process.stdout.write([...javascriptInWords(linkApp(sdk, board)), ...imageInWords(sdk, board)].join("\n"));
		return 0;
	} catch (error) {
		if (!(error instanceof HostError)) throw error;
		process.stderr.write(`micropayer: ${error.message}\n`);
		return 1;
	}
}

function javascriptInWords({ modules, slots, bytes }: LinkedImage): string[] {
	const bytecode = sum(modules);
	return [
		"bytecode, in bytes",
		...groupsOf(modules).map(([name, group]) => row(name, sum(group), `${group.length} modules`)),
		row("all", bytecode, `${modules.length} modules`),
		"",
		"preloaded: objects that lie in flash as they are, in bytes",
		row("objects", slots * SLOT, `${slots.toLocaleString("en")} slots of ${SLOT}`),
		row("text and code in them", bytes),
		"",
		row("JavaScript, all of it", bytecode + slots * SLOT + bytes),
	];
}

/** By folder, the largest first; what is not the project's is the SDK's. */
function groupsOf(modules: readonly LinkedModule[]): [string, LinkedModule[]][] {
	const groups = new Map<string, LinkedModule[]>();
	for (const module of modules) {
		const name = /^micropayer\/(.*)\/[^/]*$/.exec(module.name)?.[1] ?? "the SDK";
		groups.set(name, [...(groups.get(name) ?? []), module]);
	}
	return [...groups].sort(([, a], [, b]) => sum(b) - sum(a));
}

function imageInWords(sdk: Sdk, board: Board): string[] {
	const slot = readPartitions(path.join(board.folder, "partitions.csv")).find(({ type }) => type === "app")!.size;
	// What the SDK's makefile calls it, for any chip.
	const file = path.join(sdk.root, "build/bin/esp32", board.name, "release", appOf("development"), "xs_esp32.bin");
	if (!existsSync(file)) {
		return [row("a slot for the image", slot), row("the image", undefined, "not built here yet: npm run flash"), ""];
	}
	const { size } = statSync(file);
	const rest = `${(slot - size).toLocaleString("en")} to spare`;
	return [row("a slot for the image", slot), row("the image", size, size > slot ? "TOO LARGE" : rest), ""];
}

function sum(modules: readonly LinkedModule[]): number {
	return modules.reduce((total, { bytecode }) => total + bytecode, 0);
}

function row(what: string, bytes: number | undefined, note = ""): string {
	const figure = (bytes === undefined ? "?" : bytes.toLocaleString("en")).padStart(12);
	return `  ${what.padEnd(28)}${figure}  ${note}`.trimEnd();
}
