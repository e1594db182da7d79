/** The signer's C compiles by itself: each source of its folder needs its own headers, and of the library three. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";

const SIGNER = fileURLToPath(new URL("../../modules/signer", import.meta.url));
const LIBRARY = ["stddef.h", "stdint.h", "string.h"];

test("the signer's C sources include only their own headers and string.h", (t) => {
	const files = readdirSync(SIGNER).filter((name) => /\.[ch]$/.test(name));
	t.true(files.filter((name) => name.endsWith(".c")).length >= 8, files.join(", "));
	const foreign = files.flatMap((file) =>
		[...readFileSync(path.join(SIGNER, file), "utf8").matchAll(/^#\s*include\s+[<"]([^>"]+)[>"]/gm)]
			.map(([, header]) => header!)
			.filter((header) => !LIBRARY.includes(header) && !files.includes(header))
			.map((header) => `${file}: ${header}`),
	);
	t.deepEqual(foreign, []);
});
