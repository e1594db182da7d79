/** A folder as a device's flash: what is wrong with it is one line. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { prepareFlash } from "../../tools/cli/flash_folder.js";
import type { HostError } from "../../tools/cli/host_error.js";
import { makeFolder } from "../support/folder.js";

test("a flash folder is created unless it exists", (t) => {
	const flash = path.join(makeFolder(t), "flash");
	prepareFlash(flash);
	t.true(existsSync(flash));
	t.notThrows(() => prepareFlash(flash));
});

const wrong: Readonly<Record<string, readonly [make: (folder: string) => string, message: string]>> = {
	"a file": [
		(folder) => {
			writeFileSync(path.join(folder, "flash"), "");
			return path.join(folder, "flash");
		},
		"it is a file: name a folder",
	],
	"a folder in one that does not exist": [
		(folder) => path.join(folder, "none", "flash"),
		"its parent folder does not exist",
	],
	"a folder below a file": [
		(folder) => {
			writeFileSync(path.join(folder, "file"), "");
			return path.join(folder, "file", "flash");
		},
		"a part of its path is a file, not a folder",
	],
};

for (const [what, [make, message]] of Object.entries(wrong)) {
	test(`${what} is refused: ${message}`, (t) => {
		const flash = make(makeFolder(t));
		t.throws<HostError>(() => prepareFlash(flash), {
			name: "FlashUnusable",
			message: `the flash ${flash} cannot be used: ${message}`,
		});
	});
}

test("a folder that this user may not write is refused", (t) => {
	const flash = path.join(makeFolder(t), "flash");
	mkdirSync(flash);
	chmodSync(flash, 0o500);
	t.teardown(() => chmodSync(flash, 0o700));
	// Root may write anywhere: the check is run as somebody else.
	const program = `import { prepareFlash } from "./tools/cli/flash_folder.ts";
		if (process.getuid() === 0) process.setuid(65534);
		try { prepareFlash(${JSON.stringify(flash)}); } catch ({ message }) { console.log(message); }`;
	chmodSync(path.dirname(flash), 0o711);
	const { stdout, stderr } = spawnSync(process.execPath, ["--import=tsx", "--input-type=module", "--eval", program], {
		encoding: "utf8",
		env: { ...process.env, TMPDIR: undefined },
	});
	t.is(stdout, `the flash ${flash} cannot be used: no permission to write there\n`, stderr);
});
