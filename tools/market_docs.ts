/** `npm run docs`: writes the tables of operations in docs/markets.md, from the catalogue of each market. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { listedMarkets } from "../hal/node/markets.js";
import type { MarketOperation } from "../src/markets/catalogue.js";

const FILE = fileURLToPath(new URL("../docs/markets.md", import.meta.url));
const HEAD = "| operation | method | reached from | test |\n|---|---|---|---|\n";

/** Returns the document with current tables: one in each section that has a market's title. */
export async function withTables(text: string): Promise<string> {
	const markets = await listedMarkets();
	const sections = text.split(/^(?=## )/m);
	const written = sections.map((section) => {
		const market = markets.find(({ kind }) => section.startsWith(`## ${kind.title}\n`));
		if (market === undefined) return section;
		const table = HEAD + market.catalogue.operations.map(rowOf).join("");
		return section.replace(/^\| operation \|.*\n(?:\|.*\n)+/m, () => table);
	});
	return written.join("");
}

function rowOf({ request, method, from, test }: MarketOperation): string {
	return `| ${request} | \`${method}\` | ${from} | ${test} |\n`;
}

if (path.resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
	writeFileSync(FILE, await withTables(readFileSync(FILE, "utf8")));
}
