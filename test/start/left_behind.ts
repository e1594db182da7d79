/** Nothing of a run is left in the system's temporary folder, however the run ends, and no configuration ever lies there. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { ExecutionContext } from "ava";
import type { Engine } from "../../tools/firmware.js";
import { startWorld } from "../../tools/world/world.js";
import { makeFolder } from "../support/folder.js";
import { ended, holderOf, until } from "../support/processes.js";
import { configure } from "../world/configuration.js";
import { launch } from "./command.js";

/** The loader of TypeScript keeps compiled code there, for the next command; nothing of a run is in it. */
const LOADER = `tsx-${process.getuid?.() ?? ""}`;

/** A temporary folder for a command alone. */
function makeTemporary(t: ExecutionContext): string {
	const folder = makeFolder(t);
	mkdirSync(path.join(tmpdir(), LOADER), { recursive: true });
	symlinkSync(path.join(tmpdir(), LOADER), path.join(folder, LOADER));
	return folder;
}

const leftIn = (folder: string) => readdirSync(folder).filter((name) => name !== LOADER);

/** Ends the demonstration by a signal as soon as it has printed so many lines of JSON. */
export async function interrupt(
	t: ExecutionContext,
	engine: Engine,
	signal: NodeJS.Signals,
	afterLines: number,
): Promise<void> {
	const temporary = makeTemporary(t);
	const child = launch(["--json", "--engine", engine], { TMPDIR: temporary });
	t.teardown(() => child.kill("SIGKILL"));
	child.stderr.resume();
	await linesOf(child.stdout, afterLines);
	t.true(afterLines === 0 || leftIn(temporary).length > 0, "the device's flash is in the temporary folder");
	child.kill(signal);
	await once(child, "close");
	await until(
		() => leftIn(temporary).length === 0,
		() => `left in the temporary folder: ${leftIn(temporary).join(", ")}`,
	);
	t.pass();
}

/** Waits for so many lines. They may come all at once. */
async function linesOf(output: Readable, count: number): Promise<void> {
	if (count === 0) return;
	await new Promise<void>((resolve) => {
		let seen = 0;
		createInterface({ input: output }).on("line", () => ++seen === count && resolve());
	});
}

/** While a device runs by a configuration of one's own, and after it was killed, its API key is in no temporary file. */
export async function configurationIsNotCopied(t: ExecutionContext, engine: Engine): Promise<void> {
	const world = await startWorld();
	t.teardown(() => world.stop());
	const temporary = makeTemporary(t);
	const own = makeFolder(t);
	// Not as text: the cache of compiled sources, which has this file, is in the temporary folder too.
	const apiKey = `pk_live_${randomUUID()}`;
	const plan = { name: "free", url: `${world.seller.url}/free`, everySeconds: 1 };
	const configuration = { ...JSON.parse(configure(world, [plan])), markets: { pactum: { apiKey } } };
	const file = path.join(own, "device.json");
	writeFileSync(file, JSON.stringify(configuration));
	const flash = path.join(own, "flash");
	const parameters = ["--json", "--engine", engine, "--config", file, "--flash", flash];
	const child = launch(parameters, { TMPDIR: temporary });
	t.teardown(() => child.kill("SIGKILL"));
	child.stderr.resume();
	const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
	t.false(line.includes("error"), line);
	t.deepEqual(filesWith(temporary, apiKey), []);
	const device = holderOf(flash);
	child.kill("SIGKILL");
	await once(child, "close");
	await ended([device]);
	t.deepEqual(leftIn(temporary), []);
}

function filesWith(folder: string, text: string): string[] {
	const names = (readdirSync(folder, { recursive: true }) as string[]).map((name) => path.join(folder, name));
	return names.filter(
		(name) => statSync(name, { throwIfNoEntry: false })?.isFile() && readFileSync(name).includes(text),
	);
}
