/** Compiles a test's program with all of the project that it imports into one file: it starts in a tenth of the time. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A piece of source that is replaced by another. */
export interface Edit {
	/** Relative to the project's root. */
	readonly file: string;
	readonly from: string;
	readonly to: string;
}

/** Returns the path of the compiled program. Throws for an edit whose text is not in its file, or is there twice. */
export async function compile(entry: string, name: string, edits: readonly Edit[] = []): Promise<string> {
	const outfile = path.join(ROOT, "build/programs", `${name}.mjs`);
	for (const edit of edits) apply(edit, readFileSync(path.join(ROOT, edit.file), "utf8"));
	await esbuild.build({
		absWorkingDir: ROOT,
		entryPoints: [entry],
		outfile,
		bundle: true,
		packages: "external",
		format: "esm",
		platform: "node",
		logLevel: "warning",
		plugins: [editing(edits)],
	});
	return outfile;
}

function editing(edits: readonly Edit[]): esbuild.Plugin {
	return {
		name: "edits",
		setup(build) {
			build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
				const mine = edits.filter((edit) => path.join(ROOT, edit.file) === file);
				if (mine.length === 0) return undefined;
				const contents = mine.reduce((text, edit) => apply(edit, text), readFileSync(file, "utf8"));
				return { contents, loader: "ts" };
			});
		},
	};
}

function apply({ file, from, to }: Edit, text: string): string {
	const parts = text.split(from);
	if (parts.length !== 2) throw new Error(`expected once in ${file}, found ${parts.length - 1} times:\n${from}`);
	return parts.join(to);
}
