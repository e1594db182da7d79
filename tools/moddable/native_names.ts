/**
 * Checks that an app's manifest includes every JavaScript module that its native code needs. XS generates `mc.xs.h` with the
 * prototypes of the host functions that the app's JavaScript names; a C file of the SDK that implements two modules, of which
 * the manifest includes one, uses prototypes that are not there, and only ESP-IDF's compiler would say so.
 */
import { readFileSync } from "node:fs";
import path from "node:path";

const SOURCE = /^\txsid (\S+\.[ch]) -o/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;
const NAME = /\bxs_\w+/g;

/**
 * @param folder the folder that mcconfig wrote, with `makefile` and, once linked, `mc.xs.h`
 *
 * @returns a line for each name that a C file uses and nothing declares before
 */
export function undeclaredNames(folder: string): string[] {
	const makefile = readFileSync(path.join(folder, "makefile"), "utf8");
	const files = [...new Set([...makefile.matchAll(SOURCE)].map(([, file]) => file!))];
	const headers = [path.join(folder, "mc.xs.h"), ...files.filter((file) => file.endsWith(".h"))];
	const declared = new Set(headers.flatMap((file) => namesIn(readFileSync(file, "utf8"))));
	return files
		.filter((file) => file.endsWith(".c"))
		.flatMap((file) => undeclaredIn(readFileSync(file, "utf8"), declared).map((name) => `${file}: ${name}`));
}

/** Returns the names of host functions that C source uses before it declares or defines them. */
export function undeclaredIn(source: string, declared: ReadonlySet<string>): string[] {
	const text = source.replace(COMMENT, "");
	return [...new Set(namesIn(text))].filter((name) => {
		if (declared.has(name)) return false;
		const [first] = new RegExp(`.*\\b${name}\\b.*`).exec(text)!;
		return !new RegExp(`^\\s*(?:\\w+[\\s*]+)+${name}\\s*[(=[]`).test(first);
	});
}

function namesIn(text: string): string[] {
	return [...text.matchAll(NAME)].map(([name]) => name);
}
