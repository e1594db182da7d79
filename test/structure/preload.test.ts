/**
 * Every module of the app is preloaded: its code and its objects are in flash, not in a device's memory. mcconfig takes a
 * wildcard in `preload` for JavaScript alone, and says nothing of the TypeScript that it passes over; so the manifests name
 * each module, and this test says which they forgot.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

type List = string | readonly string[];

interface Manifest {
	readonly modules?: Readonly<Record<string, List>>;
	readonly preload?: List;
	readonly platforms?: Readonly<Record<string, Manifest>>;
}

const manifests = ["modules", "src", "hal", "boards"]
	.flatMap((folder) =>
		(readdirSync(path.join(ROOT, folder), { recursive: true }) as string[]).map((name) => path.join(folder, name)),
	)
	.filter((file) => file.endsWith("/manifest.json") && !file.includes("/sample/"))
	.sort();

function listOf(list: List | undefined): readonly string[] {
	return list === undefined ? [] : typeof list === "string" ? [list] : list;
}

/** What a source of a manifest stands for: TypeScript files without their ending, and what the wildcard is in each. */
function filesOf(folder: string, source: string): { file: string; wild: string }[] {
	if (!source.startsWith(".")) return [];
	const pattern = path.join(folder, source);
	if (!pattern.includes("*"))
		return existsSync(path.join(ROOT, `${pattern}.ts`)) ? [{ file: pattern, wild: path.basename(pattern) }] : [];
	const prefix = path.basename(pattern).split("*")[0]!;
	const inFolder = path.dirname(pattern);
	return readdirSync(path.join(ROOT, inFolder))
		.filter((name) => name.startsWith(prefix) && name.endsWith(".ts") && !name.endsWith(".d.ts"))
		.map((name) => name.slice(0, -".ts".length))
		.map((name) => ({ file: path.join(inFolder, name), wild: name.slice(prefix.length) }));
}

/** The names of the TypeScript modules that a manifest puts into the image; the first name of a file counts. */
function modulesOf(folder: string, { modules = {} }: Manifest): string[] {
	const taken = new Set(listOf(modules["~"]).flatMap((source) => filesOf(folder, source).map(({ file }) => file)));
	const names: string[] = [];
	for (const [target, sources] of Object.entries(modules).filter(([target]) => target !== "~")) {
		for (const { file, wild } of listOf(sources).flatMap((source) => filesOf(folder, source))) {
			if (!taken.has(file)) names.push(target.replace("*", wild));
			taken.add(file);
		}
	}
	return names;
}

test("the manifests are found by the search", (t) => {
	t.true(manifests.includes("src/manifest.json") && manifests.includes("src/markets/pact/manifest.json"));
	t.true(modulesOf("src", JSON.parse(readFileSync(path.join(ROOT, "src/manifest.json"), "utf8"))).length > 50);
});

for (const file of manifests) {
	test(`${file} preloads each of its modules by its name`, (t) => {
		const folder = path.dirname(file);
		const manifest = JSON.parse(readFileSync(path.join(ROOT, file), "utf8")) as Manifest;
		for (const part of [manifest, ...Object.values(manifest.platforms ?? {})]) {
			const preloaded = [...listOf(manifest.preload), ...listOf(part.preload)];
			t.deepEqual(
				modulesOf(folder, part).filter((name) => !preloaded.includes(name)),
				[],
				"not preloaded",
			);
			t.deepEqual(
				listOf(part.preload).filter((name) => name.startsWith("micropayer/") && name.includes("*")),
				[],
				"a wildcard that does nothing",
			);
		}
	});
}
