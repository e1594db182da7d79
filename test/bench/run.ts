/**
 * `npm run bench [-- --json | --write]`: every figure of docs/figures.md, which `--write` brings up to date. Counts, no times:
 * instructions, XS's meter, bytes; they repeat.
 */

import { FLAG, readOptions, requireNone } from "../../tools/cli/options.js";
import { besideBudgets } from "./budgets.js";
import { writeTable } from "./figures.js";
import { codeBench, marketsBench } from "./markets.js";
import { purchaseRv32Bench } from "./purchase_rv32.js";
import { purchasesBench } from "./purchases.js";
import { signerBench } from "./signer.js";
import { nobleOnXsBench } from "./xs_rv32.js";

type Row = Readonly<Record<string, unknown>>;

const USAGE = `npm run bench [-- --json | --write]

Counts every figure of docs/figures.md: instructions, XS's meter, bytes. They repeat.

  --json    one JSON object a line
  --write   bring docs/figures.md up to date
`;

const { isJson, isWritten } = readOptions(
	USAGE,
	{ json: FLAG, write: FLAG },
	({ json = false, write = false }, positionals) => {
		requireNone(positionals);
		return { isJson: json, isWritten: write };
	},
);

/** A bench that cannot run here says why. */
async function show(title: string, bench: () => Promise<readonly object[]>): Promise<void> {
	let rows: readonly Row[];
	try {
		rows = (await bench()) as readonly Row[];
	} catch (error) {
		process.stderr.write(`${title}: not run: ${(error as Error).message}\n`);
		process.exitCode = 1;
		return;
	}
	if (isJson) for (const row of rows) console.log(JSON.stringify(row));
	else print(title, rows);
}

function print(title: string, rows: readonly Row[]): void {
	const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "bench");
	const cell = (value: unknown) => (typeof value === "number" ? value.toLocaleString("en") : String(value ?? ""));
	const lines = [names, ...rows.map((row) => names.map((name) => cell(row[name] ?? (name === "op" ? "size" : ""))))];
	if (isWritten) writeTable(title, lines);
	const widths = names.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
	console.log(`\n${title}`);
	for (const line of lines)
		console.log(
			line
				.map((text, i) => text.padEnd(widths[i]!))
				.join("  ")
				.trimEnd(),
		);
}

await show("Purchases on XS", purchasesBench);
await show("Markets on XS", marketsBench);
await show("Bytecode of XS", codeBench);
await show("A purchase on rv32imc", purchaseRv32Bench);
await show("Budgets", async () => besideBudgets(await purchaseRv32Bench(), await codeBench()));
await show("The signer on rv32imc", signerBench);
await show("noble on XS, on rv32imc", nobleOnXsBench);
