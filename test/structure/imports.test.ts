/**
 * Imports point one way. Each folder may import from its own row and those above it; device code imports nothing but files of the project.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** From what everything rests on to what rests on everything. */
const LAYERS = [
	"modules/encoding/",
	"modules/signer/",
	"src/version.ts",
	"src/device/",
	"modules/display/",
	"src/http/",
	"src/x402/",
	"src/wallet/",
	"src/configuration/",
	"src/markets/",
	"src/agent/",
	"src/console/",
	"src/main.ts",
	"hal/",
	"tools/",
	"test/",
] as const;

/** Code that runs on a device: all of it but what is for Node, or for the Moddable SDK, alone. */
const DEVICE = /^(modules\/(?!signer\/portable\.ts|encoding\/moddable\/|display\/)|src\/|hal\/xs\/)/;

/** With what runs on the SDK's modules too. */
const ON_DEVICE = new RegExp(`${DEVICE.source}|^hal/(moddable|sim|esp32|display)/(?!sample/)`);

interface Import {
	readonly from: string;
	readonly to: string;
}

const STATIC = /^(?:import\s+|(?:import|export)\b[^"';=]*?\bfrom\s+)"([^"]+)";$/gm;
/** What a file loads or runs later, where the path is a literal. */
const DYNAMIC = /(?<![.#\w])import\(\s*"([^"]+)"\s*\)|\bimport\.meta\.resolve\(\s*"([^"]+)"\s*\)/g;
const FILE_URL = /\bnew URL\(\s*"([^"]+)",\s*import\.meta\.url\s*\)/g;

const files = filesOf(["modules", "src", "hal", "tools", "test"]);
const imports = files.flatMap(importsOf);

function filesOf(folders: readonly string[]): string[] {
	return folders.flatMap((folder) => readFolder(folder)).sort();
}

function readFolder(folder: string): string[] {
	const names = readdirSync(path.join(ROOT, folder), { recursive: true }) as string[];
	return names.map((name) => path.join(folder, name)).filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
}

/** Relative specifiers become paths from the root; others stay as they are. */
function importsOf(file: string): Import[] {
	const text = readFileSync(path.join(ROOT, file), "utf8");
	const literals = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, first, second]) => (first ?? second)!);
	const resolve = (relative: string) => path.join(path.dirname(file), relative).replace(/\.js$/, ".ts");
	const modules = [...literals(STATIC), ...literals(DYNAMIC)];
	return [
		...modules.map((specifier) => ({ from: file, to: specifier.startsWith(".") ? resolve(specifier) : specifier })),
		...literals(FILE_URL).map((relative) => ({ from: file, to: resolve(relative) })),
	];
}

function layerOf(file: string): number {
	return LAYERS.findIndex((layer) => file === layer || (layer.endsWith("/") && file.startsWith(layer)));
}

test("the imports are found by the search", (t) => {
	t.true(imports.length > 100, `${imports.length} imports in ${files.length} files`);
	t.true(imports.some(({ from, to }) => from === "src/main.ts" && to === "src/agent/agent.ts"));
	t.true(imports.some(({ from, to }) => from === "src/main.ts" && to === "src/device/port.ts"));
	t.true(imports.some(({ from, to }) => from === "tools/start.ts" && to === "tools/demonstration/demonstration.ts"));
	t.true(imports.some(({ from, to }) => from === "tools/firmware.ts" && to === "tools/node_main.ts"));
});

test("every file has a place in the order of imports", (t) => {
	t.deepEqual(
		files.filter((file) => layerOf(file) < 0),
		[],
	);
});

test("imports point to the same layer or down", (t) => {
	const wrong = imports.filter(({ from, to }) => layerOf(to) > layerOf(from));
	t.deepEqual(wrong, []);
});

test("nothing in src imports a port", (t) => {
	const wrong = imports.filter(({ from, to }) => from.startsWith("src/") && to.startsWith("hal/"));
	t.deepEqual(wrong, []);
});

test("device code imports files of the project alone", (t) => {
	const wrong = imports.filter(({ from, to }) => DEVICE.test(from) && (layerOf(to) < 0 || !DEVICE.test(to)));
	t.deepEqual(wrong, []);
});

test("device code has no BigInt and no regular expression at module level", (t) => {
	const wrong = files
		.filter((file) => ON_DEVICE.test(file))
		.flatMap((file) => {
			const code = readFileSync(path.join(ROOT, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
			const found = /\bBigInt\b|(?<![\w.])[0-9]+n\b|^(?:export )?const \w+(?:: \w+)? = \/[^/*]/m.exec(code);
			return found === null ? [] : [`${file}: ${found[0]}`];
		});
	t.deepEqual(wrong, []);
});

test("nothing in src names a platform", (t) => {
	const wrong = files
		.filter((file) => file.startsWith("src/"))
		.flatMap((file) => {
			const found = /(?<!\/)\b(process|globalThis|Buffer|setTimeout|console|native)\b\s*[.(]/.exec(
				readFileSync(path.join(ROOT, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ""),
			);
			return found === null ? [] : [`${file}: ${found[0]}`];
		});
	t.deepEqual(wrong, []);
});

test("imports form no circle", (t) => {
	const targets = new Map<string, string[]>();
	for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
	const done = new Set<string>();
	const circles: string[] = [];
	const visit = (file: string, trail: readonly string[]) => {
		if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(" → "));
		if (done.has(file) || trail.includes(file)) return;
		for (const target of targets.get(file) ?? []) visit(target, [...trail, file]);
		done.add(file);
	};
	for (const file of files.filter((file) => !file.startsWith("test/"))) visit(file, []);
	t.deepEqual(circles, []);
});
