/** The lock of a flash folder on Node: one process has it, and the end of that process releases it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { makeFolder } from "../support/folder.js";

const HOLDER = fileURLToPath(new URL("support/lock_holder.ts", import.meta.url));

/** A process that tries to take the lock, and what it said of it. */
async function hold(t: ExecutionContext, folder: string): Promise<[said: string, child: ChildProcess]> {
	const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), HOLDER, folder], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	t.teardown(() => child.kill("SIGKILL"));
	const [said] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
	return [said, child];
}

test("of three processes at once one gets the lock, and the others say which has it", async (t) => {
	const folder = makeFolder(t);
	const tries = await Promise.all([1, 2, 3].map(() => hold(t, folder)));
	const holders = tries.filter(([said]) => said === "taken");
	t.is(holders.length, 1);
	const { pid } = holders[0]![1];
	t.regex(
		(await hold(t, folder))[0],
		new RegExp(`^the flash ${folder} is in use by process ${pid}, started \\d{4}-\\d\\d-\\d\\dT[\\d:]+Z$`),
	);
});

test("the lock is free after its holder was killed", async (t) => {
	const folder = makeFolder(t);
	const [, child] = await hold(t, folder);
	child.kill("SIGKILL");
	await once(child, "exit");
	t.is((await hold(t, folder))[0], "taken");
});

test("a lock file that names a process that lives, but does not hold it, locks nothing", async (t) => {
	const folder = makeFolder(t);
	writeFileSync(path.join(folder, ".lock"), `${process.pid} 2026-01-01T00:00:00Z\nand more\n`);
	const [said, { pid }] = await hold(t, folder);
	t.is(said, "taken");
	t.regex(readFileSync(path.join(folder, ".lock"), "utf8"), new RegExp(`^${pid} [0-9TZ:-]{20}\n$`));
});

test("a lock file of another format is not quoted", async (t) => {
	const folder = makeFolder(t);
	await hold(t, folder);
	writeFileSync(path.join(folder, ".lock"), "\u001b[2J 1 2\n");
	t.is((await hold(t, folder))[0], `the flash ${folder} is in use by another process`);
});
