/**
 * `npm run test:unit`: the tests that start nothing, no process, no server and no chain, bundled into one file a folder. A
 * process and a compiler for each file would take most of the time.
 *
 * A test is one of them by what it imports, directly or not: `unitTests` decides, and test/run.ts runs the others.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUTPUT = path.join(ROOT, "build/unit");
/** What starts something, or compiles. */
const STARTERS =
	/^(node:(child_process|dgram|http|https|net|tls|worker_threads)|esbuild|express|@x402\/express)$|^tools\/world\/(anvil|chain|world)\.ts$/;
/** Campaigns: thousands of random cases against other libraries or a model, or each fault at each moment. */
const APART = /(oracles|(lives|fuzz)\/[a-z]+|fuzz|lives|decay|capacity|ledger)\.test\.ts$/;
/** An import by a name that is found at run time: a bundle cannot hold what it brings. */
const LATE_IMPORT = /\bimport\((?!\s*")/;

/** The paths of the unit tests, relative to the project's root. */
export function unitTests(): string[] {
	const names = readdirSync(path.join(ROOT, "test"), { recursive: true, encoding: "utf8" });
	const tests = names.filter((name) => name.endsWith(".test.ts")).map((name) => path.join("test", name));
	return tests.filter((test) => !APART.test(test) && isAlone(test)).sort();
}

function isAlone(test: string): boolean {
	const isLate = (name: string) =>
		name.endsWith(".ts") && LATE_IMPORT.test(readFileSync(path.join(ROOT, name), "utf8"));
	return ![...importsOf(test)].some((name) => STARTERS.test(name) || isLate(name));
}

/** All that a file imports, directly or not: files relative to the root, packages by their names. */
function importsOf(file: string, found = new Set<string>()): Set<string> {
	if (found.has(file) || !existsSync(path.join(ROOT, file))) return found;
	found.add(file);
	const text = readFileSync(path.join(ROOT, file), "utf8");
	for (const [, specifier = ""] of text.matchAll(/(?:\bfrom|\bimport|import\()\s*"([^"]+)"/g)) {
		if (!specifier.startsWith(".")) found.add(specifier);
		else if (specifier.endsWith(".js")) importsOf(path.join(path.dirname(file), specifier.replace(/js$/, "ts")), found);
	}
	return found;
}

async function bundle(tests: readonly string[]): Promise<void> {
	const folders = new Map<string, string[]>();
	for (const test of tests) {
		const folder = test.split(path.sep)[1]!;
		folders.set(folder, [...(folders.get(folder) ?? []), test]);
	}
	rmSync(OUTPUT, { recursive: true, force: true });
	await esbuild.build({
		entryPoints: [...folders.keys()].map((folder) => ({ in: `folder:${folder}`, out: `${folder}.test` })),
		outdir: OUTPUT,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		packages: "external",
		format: "esm",
		platform: "node",
		sourcemap: "inline",
		logLevel: "warning",
		plugins: [inFolders(folders), whereFilesAre],
	});
}

function inFolders(folders: ReadonlyMap<string, readonly string[]>): esbuild.Plugin {
	return {
		name: "folders",
		setup(build) {
			build.onResolve({ filter: /^folder:/ }, ({ path: name }) => ({ path: name.slice(7), namespace: "folder" }));
			build.onLoad({ filter: /.*/, namespace: "folder" }, ({ path: folder }) => ({
				contents: folders
					.get(folder)!
					.map((test) => `import "./${test}";`)
					.join("\n"),
				resolveDir: ROOT,
			}));
		},
	};
}

/** In a bundle a file still knows where it lay. */
const whereFilesAre: esbuild.Plugin = {
	name: "where files are",
	setup(build) {
		build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
			const contents = readFileSync(file, "utf8")
				.replace(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(file).href))
				.replace(/\bimport\.meta\.dirname\b/g, JSON.stringify(path.dirname(file)));
			return { contents, loader: "ts" };
		});
	},
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const tests = unitTests();
	await bundle(tests);
	const parameters = [path.join(ROOT, "node_modules/ava/entrypoints/cli.mjs"), "--config", ".ava.unit.mjs"];
	const { status } = spawnSync(process.execPath, parameters, { cwd: ROOT, stdio: "inherit" });
	process.exitCode = status ?? 1;
}
