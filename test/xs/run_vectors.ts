/**
 * The same vectors inside XS: a list of modules, each exporting `cases(check, signer)`, run on the XS host.
 * @module
 */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildXs, type XsBuildOptions } from "../../tools/xs/build.js";
import { runXs, type XsResult, type XsRunOptions } from "../../tools/xs/run.js";
import { withFolder } from "../support/folder.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRIES = "build/xs/entries";

export interface Difference {
	readonly module: string;
	readonly what: string;
	readonly actual: string;
	readonly expected: string;
}

export interface VectorsResult {
	/** Checks made, by module. A module that is not here did not come to its end. */
	readonly checks: ReadonlyMap<string, number>;
	readonly differences: readonly Difference[];
	readonly result: XsResult;
}

/**
 * Runs modules inside one XS machine.
 * @param modules paths relative to the project's root, such as `test/vectors/signer.ts`
 */
export async function runVectors(
	modules: readonly string[],
	options: Omit<XsRunOptions, "build" | "flash" | "onEvent"> & XsBuildOptions = {},
): Promise<VectorsResult> {
	const build = await buildXs({ ...options, entry: await writeEntry(modules) });
	const checks = new Map<string, number>();
	const differences: Difference[] = [];
	return await withFolder(async (flash) => {
		const result = await runXs({
			...options,
			build,
			flash,
			onEvent(event) {
				if (event.event === "module") checks.set(String(event.name), Number(event.checks));
				else differences.push(event as unknown as Difference);
			},
		});
		return { checks, differences, result };
	});
}

/** An entry is a module like any other: it imports the modules and hands them to `runCases`. */
async function writeEntry(modules: readonly string[]): Promise<string> {
	const source = [
		'import { createPort } from "../../../hal/xs/port.js";',
		'import { runCases } from "../../../test/xs/cases.js";',
		...modules.map((module, i) => `import { cases as m${i} } from "../../../${module.replace(/\.ts$/, ".js")}";`),
		"export default function () {",
		`\trunCases(createPort(), [${modules.map((module, i) => `[${JSON.stringify(module)}, m${i}]`).join(", ")}]);`,
		"}",
		"",
	].join("\n");
	const name = `${ENTRIES}/vectors_${createHash("sha256").update(source).digest("hex").slice(0, 16)}.ts`;
	await mkdir(path.join(ROOT, ENTRIES), { recursive: true });
	await writeFile(path.join(ROOT, name), source);
	return name;
}
