/**
 * The C of the XS host and of the bare board points one way, too: a file uses what the headers that it includes declare, and
 * no chain of includes comes back to where it began.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDERS = ["hal/xs", "hal/xs/folder", "hal/rv32"];

const sources = FOLDERS.flatMap((folder) =>
	readdirSync(path.join(ROOT, folder))
		.filter((name) => /\.[ch]$/.test(name))
		.map((name) => ({ name, file: `${folder}/${name}`, text: readFileSync(path.join(ROOT, folder, name), "utf8") })),
);

/** A module is a header with the file that implements it. The board implements headers of the host again. */
const moduleOf = (name: string) => name.replace(/\.[ch]$/, "");
const modules = new Map<string, Set<string>>();
for (const { name, text } of sources) {
	const from = moduleOf(name);
	const uses = modules.get(from) ?? new Set();
	for (const [, header] of text.matchAll(/^#include "([^"]+)"/gm)) uses.add(moduleOf(header!));
	modules.set(from, uses);
}

test("the C files of the XS host are found by the search", (t) => {
	t.true(modules.get("machine")?.has("link"));
	t.true(modules.get("link")?.has("wire"));
	t.true(modules.get("uart")?.has("wire"));
});

test("C includes form no circle", (t) => {
	const done = new Set<string>();
	const circles: string[] = [];
	const visit = (name: string, trail: readonly string[]) => {
		if (trail.includes(name)) circles.push([...trail.slice(trail.indexOf(name)), name].join(" → "));
		if (done.has(name) || trail.includes(name)) return;
		for (const used of modules.get(name) ?? []) if (used !== name) visit(used, [...trail, name]);
		done.add(name);
	};
	for (const name of modules.keys()) visit(name, []);
	t.deepEqual(circles, []);
});

test("every function used from another C file is declared by a header", (t) => {
	const wrong = sources.flatMap(({ file, text }) => {
		const found = /^extern [^\n]*\);$/gm.exec(text.replace(/^extern void modInstall.*$/gm, ""));
		return file.endsWith(".c") && found !== null ? [`${file}: ${found[0]}`] : [];
	});
	t.deepEqual(wrong, []);
});
