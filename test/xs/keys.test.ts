/** Where private keys are: in the flash, and nowhere else. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, readSync } from "node:fs";
import path from "node:path";
import type { Readable } from "node:stream";
import { buildXs } from "../../hal/host/build.js";
import { makeFlash, xsTest } from "./device.js";

/** All that a process may read of its own memory, as proc(5) lists it. */
function memoryOf(pid: number): Buffer[] {
	const file = openSync(`/proc/${pid}/mem`, "r");
	const readable = readFileSync(`/proc/${pid}/maps`, "utf8")
		.split("\n")
		.filter((line) => / r..p /.test(line) && !/\[v/.test(line));
	return readable.map((line) => {
		const [from, to] = line
			.split(" ", 1)[0]!
			.split("-")
			.map((address) => Number.parseInt(address, 16)) as [number, number];
		const memory = Buffer.alloc(to - from);
		readSync(file, memory, 0, memory.length, from);
		return memory;
	});
}

xsTest("after making keys and signing, no part of one is left in the device's memory", async (t) => {
	const build = await buildXs({ entry: "test/xs/programs/keys.ts" });
	const flash = await makeFlash(t);
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
