/**
 * `npm run test:unit`: the tests that start nothing, no process, no server and no chain, bundled into as many files as there are
 * processes. A process and a compiler for each test file would take most of the time.
 *
 * A test is one of them by what it imports, directly or not: `unitTests` decides, and test/run.ts runs the others.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OUTPUT = path.join(ROOT, "build/unit");
const PROCESSES = 2;
/** What starts something, or compiles. */
const STARTERS =
	/^(node:(child_process|dgram|http|https|net|tls|worker_threads)|esbuild|express|@x402\/express)$|^tools\/world\/(anvil|chain|world)\.ts$/;
/** Campaigns: thousands of random cases against other libraries or a model, or each fault at each moment. */
const APART = /(oracles|(lives|fuzz|power)\/[a-z_]+|fuzz|lives|decay|capacity|ledger)\.test\.ts$/;
/** An import by a name that is found at run time: a bundle cannot hold what it brings. */
const LATE_IMPORT = /\bimport\((?!\s*")/;

/** The paths of the unit tests, relative to the project's root. */
export function unitTests(): string[] {
	const names = readdirSync(path.join(ROOT, "test"), { recursive: true, encoding: "utf8" });
	const tests = names.filter((name) => name.endsWith(".test.ts")).map((name) => path.join("test", name));
	return tests.filter((test) => !APART.test(test) && isAlone(test)).sort();
}

/** True if nothing that a test imports, directly or not, starts something or is found at run time. */
function isAlone(test: string): boolean {
	const seen = new Set<string>();
	const isFine = (name: string): boolean => {
		if (STARTERS.test(name)) return false;
		if (seen.has(name) || !name.endsWith(".ts") || !existsSync(path.join(ROOT, name))) return true;
		seen.add(name);
		const { isLate, imports } = sourceOf(name);
		return !isLate && imports.every(isFine);
	};
	return isFine(test);
}

interface Source {
	/** True if it imports something by a name that is found at run time. */
	readonly isLate: boolean;
	/** Files relative to the root, packages by their names. */
	readonly imports: readonly string[];
}

const sources = new Map<string, Source>();

function sourceOf(file: string): Source {
	const known = sources.get(file);
	if (known !== undefined) return known;
	const text = readFileSync(path.join(ROOT, file), "utf8");
	const imports: string[] = [];
	for (const [, specifier = ""] of text.matchAll(/(?:\bfrom|\bimport|import\()\s*"([^"]+)"/g)) {
		if (!specifier.startsWith(".")) imports.push(specifier);
		else if (specifier.endsWith(".js")) imports.push(path.join(path.dirname(file), specifier.replace(/js$/, "ts")));
	}
	const source = { isLate: LATE_IMPORT.test(text), imports };
	sources.set(file, source);
	return source;
}

async function bundle(tests: readonly string[]): Promise<void> {
	rmSync(OUTPUT, { recursive: true, force: true });
	await esbuild.build({
		entryPoints: shared(tests).map((_, index) => ({ in: `share:${index}`, out: `share${index}.test` })),
		outdir: OUTPUT,
		outExtension: { ".js": ".mjs" },
		bundle: true,
		packages: "external",
		format: "esm",
		platform: "node",
		sourcemap: "inline",
		logLevel: "warning",
		plugins: [inShares(shared(tests)), titled, whereFilesAre],
	});
}

/** Deals the folders of tests to the processes, the largest first, each to the one that has least. */
function shared(tests: readonly string[]): string[][] {
	const folders = new Map<string, { tests: string[]; bytes: number }>();
	for (const test of tests) {
		const name = test.split(path.sep)[1]!;
		const folder = folders.get(name) ?? { tests: [], bytes: 0 };
		folder.tests.push(test);
		folder.bytes += statSync(path.join(ROOT, test)).size;
		folders.set(name, folder);
	}
	const shares = Array.from({ length: PROCESSES }, () => ({ tests: [] as string[], bytes: 0 }));
	for (const { tests, bytes } of [...folders.values()].sort((a, b) => b.bytes - a.bytes)) {
		const least = shares.reduce((least, share) => (share.bytes < least.bytes ? share : least));
		least.tests.push(...tests);
		least.bytes += bytes;
	}
	return shares.map(({ tests }) => tests);
}

/** An entry is a list of imports; before each test file comes its name, for the titles of its tests. */
function inShares(shares: readonly (readonly string[])[]): esbuild.Plugin {
	return {
		name: "shares",
		setup(build) {
			build.onResolve({ filter: /^(share|name):/ }, ({ path: name }) => ({ path: name, namespace: "share" }));
			build.onLoad({ filter: /^share:/, namespace: "share" }, ({ path: name }) => {
				const share = shares[Number(name.slice("share:".length))]!;
				const imports = share.map((test) => `import "name:${test}";\nimport "./${test}";`);
				return { contents: imports.join("\n"), resolveDir: ROOT };
			});
			build.onLoad({ filter: /^name:/, namespace: "share" }, ({ path: name }) => {
				const title = name.replace(/^name:test\/|\.test\.ts$/g, "").replaceAll("/", " › ");
				return { contents: `globalThis.testFile = ${JSON.stringify(title)};` };
			});
		},
	};
}

/** Ava, with the name of its file before the title of each test. */
const titled: esbuild.Plugin = {
	name: "titles",
	setup(build) {
		build.onResolve({ filter: /^ava$/ }, ({ namespace }) =>
			namespace === "titled" ? { path: "ava", external: true } : { path: "ava", namespace: "titled" },
		);
		build.onLoad({ filter: /.*/, namespace: "titled" }, () => ({
			contents: `
				import ava from "ava";
				const named = (declare) => (title, ...rest) => declare(globalThis.testFile + " › " + title, ...rest);
				export default Object.assign(named(ava), {
					...ava, serial: named(ava.serial), skip: named(ava.skip),
				});`,
			resolveDir: ROOT,
		}));
	},
};

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
