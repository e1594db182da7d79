/** Where private keys are: in the flash, and nowhere else. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { buildXs } from "../../tools/xs/build.js";
import { makeFolder } from "../support/folder.js";
import { xsTest } from "./device.js";
import { memoryOf } from "./memory_of.js";

xsTest("after keys were made and used, no part of them is left in the device's memory", async (t) => {
	const build = await buildXs({ entry: "test/xs/programs/keys.ts" });
	const flash = makeFolder(t);
	const child = spawn(build.executable, ["--modules", build.modules, "--entry", build.entry, "--flash", flash], {
		stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"],
	});
	t.teardown(() => child.kill("SIGKILL"));
	const [first] = (await once(child.stdio[4] as Readable, "data")) as [Buffer];
	t.regex(first.toString(), /signed/);

	const memory = memoryOf(child.pid!);
	const holds = (bytes: Buffer) => memory.some((part) => part.includes(bytes));
	t.true(holds(Buffer.from("xs_signer_sign_digest")), "the search finds what is there");
	for (const slot of [0, 1]) {
		// Of an expanded ed25519 key the rest is public.
		const key = readFileSync(path.join(flash, `key.${slot}`)).subarray(1, 33);
		t.is(key.length, 32);
		// Either byte order, since numbers are kept in words, and any aligned quarter.
		for (const bytes of [key, Buffer.from([...key].reverse())])
			for (let i = 0; i < 32; i += 8) t.false(holds(bytes.subarray(i, i + 8)), `slot ${slot}, bytes from ${i}`);
	}
});
