/**
 * `npm run size -- BOARD`: shows what a board's image contains. Its JavaScript is linked even without ESP-IDF; native code
 * and the fit into a slot are shown once the board has been built (`npm run flash`).
 */
import { runCommand } from "./cli/command.js";
import { readOptions } from "./cli/options.js";
import { allBoards, type Board, findBoard } from "./moddable/boards.js";
import { type LinkedApp, linkApp } from "./moddable/link_app.js";
import { findSdk, type Sdk } from "./moddable/sdk.js";
import { builtImage, complaintOf, fitOf } from "./moddable/slot.js";

const USAGE = `npm run size -- BOARD

Says what the image of a board holds.

  BOARD   ${allBoards()
		.map(({ name }) => name)
		.join(", ")}
`;

/** Bytes of an XS slot on a 32-bit chip. */
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

/** Returns the sizes by folder, largest first; everything outside of the project counts as the SDK's. */
function groupsOf(bytecode: ReadonlyMap<string, number>): [string, number[]][] {
	const groups = new Map<string, number[]>();
	for (const [module, size] of bytecode) {
		const name = /^micropayer\/(.*)\/[^/]*$/.exec(module)?.[1] ?? "the SDK";
		groups.set(name, [...(groups.get(name) ?? []), size]);
	}
	return [...groups].sort(([, a], [, b]) => sum(b) - sum(a));
}

function imageInWords(sdk: Sdk, board: Board): string[] {
	const image = builtImage(sdk, board, "development");
	if (image === undefined) {
		return [row("a slot", fitOf(board, 0).slot), row("the image", undefined, "not built here yet: npm run flash"), ""];
	}
	const fit = fitOf(board, image);
	return [
		row("a slot", fit.slot),
		row("the image", fit.image),
		row("signed", fit.signed, complaintOf(fit)),
		row("to spare", fit.spare),
		"",
	];
}

function sum(sizes: readonly number[]): number {
	return sizes.reduce((total, size) => total + size, 0);
}

function row(what: string, bytes: number | undefined, note = ""): string {
	const figure = (bytes === undefined ? "?" : bytes.toLocaleString("en")).padStart(12);
	return `  ${what.padEnd(28)}${figure}  ${note}`.trimEnd();
}
