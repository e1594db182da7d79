/** The tables of docs/figures.md: each stands under the heading that is its title. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../../docs/figures.md", import.meta.url));

/** Replaces the table under `title` in docs/figures.md. The first of `lines` is the heading row. */
export function writeTable(title: string, lines: readonly (readonly string[])[]): void {
	const text = readFileSync(FILE, "utf8");
	const [columns, ...rows] = lines.map((cells) => `| ${cells.join(" | ")} |`);
	const table = `${[columns, `|${"---|".repeat(lines[0]!.length)}`, ...rows].join("\n")}\n`;
	const section = new RegExp(`(^## ${title}\n(?:(?!## ).*\n)*?)(?:\\|.*\n)+`, "m");
	if (!section.test(text)) throw new Error(`docs/figures.md has no table under "${title}": add the heading and one`);
	writeFileSync(
		FILE,
		text.replace(section, (_, before: string) => before + table),
	);
}
