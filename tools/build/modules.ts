/** The device's TypeScript in the form that XS loads: a JavaScript module for each file, its imports unchanged. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import * as esbuild from "esbuild";
import { marketFolders } from "../../hal/node/markets.js";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";
import { cached, hashOf } from "./cache.js";

const ESBUILD_OPTIONS = {
	format: "esm",
	target: "es2022",
	// XS 13: a class with an instance field and `static b = new Self()` throws.
	supported: { "class-static-field": false },
	tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true, useDefineForClassFields: true } },
	logLevel: "silent",
} as const satisfies esbuild.BuildOptions;

/** The module that is generated from the list of markets. */
const MARKET_MODULE = "src/markets/list.js";
const MARKET_LIST_SPACE = "markets";

/**
 * Transpiles an entry and everything that it imports. Returns their folder, as a path from the project's root.
 *
 * @param markets the list of the markets to build in, relative to the project's root; default: the firmware's
 *
 * @throws HostError `ModuleMissing`, `TranspileFailed`
 */
export async function buildModules(entry: string, markets?: string): Promise<string> {
	const list = marketList(markets);
	const graph = await moduleGraph(entry, list);
	const inputs = graph.filter((input) => input !== MARKET_MODULE);
	const hash = await hashOf([esbuild.version, JSON.stringify(ESBUILD_OPTIONS), list], inputs);
	return cached(`xs/modules-${hash}`, async (folder) => {
		await esbuild.build({
			...ESBUILD_OPTIONS,
			absWorkingDir: ROOT,
			entryPoints: inputs,
			outbase: ROOT,
			outdir: folder,
		});
		if (inputs.length < graph.length) await writeFile(path.join(ROOT, folder, MARKET_MODULE), list);
	});
}

/**
 * Lists the entry and everything that it imports, relative to the root. Throws for an import of anything but a file of the
 * project.
 */
async function moduleGraph(entry: string, list: string): Promise<string[]> {
	if (!existsSync(path.join(ROOT, entry))) {
		throw new HostError("ModuleMissing", `the entry module ${entry} does not exist`);
	}
	const { metafile } = await esbuild
		.build({
			...ESBUILD_OPTIONS,
			absWorkingDir: ROOT,
			entryPoints: [entry],
			bundle: true,
			packages: "external",
			metafile: true,
			write: false,
			plugins: [marketPlugin(list)],
		})
		.catch((error: Error) => {
			throw new HostError("TranspileFailed", error.message);
		});
	for (const [file, { imports }] of Object.entries(metafile.inputs)) {
		const foreign = imports.find((imported) => imported.external === true);
		if (foreign !== undefined) {
			throw new HostError("ModuleMissing", `${file} imports "${foreign.path}", which no device has`);
		}
	}
	return Object.keys(metafile.inputs)
		.map((input) => (input.startsWith(`${MARKET_LIST_SPACE}:`) ? MARKET_MODULE : input))
		.sort();
}

/** Writes the module `src/markets/list.js`, which imports the kind of each market that the list includes. */
function marketList(list?: string): string {
	const folders = marketFolders(list).map((folder) => path.relative(path.dirname(MARKET_MODULE), folder));
	const imports = folders.map((folder, i) => `import { kind as k${i} } from "./${folder}/kind.js";\n`);
	return `${imports.join("")}export const markets = Object.freeze([${folders.map((_, i) => `k${i}`).join(", ")}]);\n`;
}

function marketPlugin(contents: string): esbuild.Plugin {
	return {
		name: "markets",
		setup(build) {
			const namespace = MARKET_LIST_SPACE;
			build.onResolve({ filter: /\/src\/markets\/list\.js$/ }, () => ({ path: MARKET_MODULE, namespace }));
			const resolveDir = path.join(ROOT, path.dirname(MARKET_MODULE));
			build.onLoad({ filter: /./, namespace }, () => ({ contents, resolveDir }));
		},
	};
}
