/** One flash, one agent: processes that are started at once on one folder never spend its budget twice. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { ExecutionContext } from "ava";
import type { Address } from "viem";
import { HostError } from "../../tools/cli/host_error.js";
import { type Engine, type FirmwareEvent, runFirmware } from "../../tools/firmware.js";
import { startWorld } from "../../tools/world/world.js";
import { makeFolder } from "../support/folder.js";
import { ended } from "../support/processes.js";
import { configure } from "../world/configuration.js";
import { launch } from "./command.js";

const PRICE = 10_000;
/** As many payments as the rule allows for life. */
const PAYMENTS = 4;

export async function threeAtOnce(t: ExecutionContext, engines: readonly [Engine, Engine, Engine]): Promise<void> {
	const world = await startWorld();
	t.teardown(() => world.stop());
	const flash = path.join(makeFolder(t), "flash");
	const first: FirmwareEvent[] = [];
	await runFirmware({
		engine: engines[0],
		flash,
		configuration: configure(world, []),
		onEvent: (event) => first.push(event),
	});
	const wallet = first.find(({ event }) => event === "start")?.address as Address;
	await world.chain.mint(wallet, 1_000_000n);

	const plan = { name: "data", url: `${world.seller.url}/data`, everySeconds: 1 };
	const configuration = configure(world, [plan], { maxForLife: String(PAYMENTS * PRICE) });
	// The one that has the flash runs on until the others have been refused and it has tried beyond its budget.
	const stop = new AbortController();
	let refused = 0;
	let isOverBudget = false;
	const stopWhenSeen = () => {
		if (refused === engines.length - 1 && isOverBudget) stop.abort();
	};
	const onEvent = ({ outcome }: FirmwareEvent) => {
		isOverBudget ||= outcome === "OverLifeCap";
		stopWhenSeen();
	};
	const run = async (engine: Engine) => {
		try {
			return await runFirmware({ engine, flash, configuration, timeout: 300_000, signal: stop.signal, onEvent });
		} catch (error) {
			refused++;
			stopWhenSeen();
			throw error;
		}
	};
	const runs = await Promise.allSettled(engines.map(run));
	t.is(runs.filter(({ status }) => status === "fulfilled").length, 1, JSON.stringify(runs));
	for (const run of runs) {
		if (run.status === "fulfilled") continue;
		t.true(run.reason instanceof HostError, String(run.reason));
		t.is((run.reason as HostError).name, "FlashInUse");
		t.regex((run.reason as HostError).message, /^the flash \S+ is in use by process \d+, started [\dTZ:-]+: end that/);
	}
	t.is((await world.chain.transfers(wallet)).length, PAYMENTS);
}

/** A device whose command was killed releases its flash; nothing of it goes on. */
export async function killedCommand(t: ExecutionContext, engine: Engine): Promise<void> {
	const world = await startWorld();
	t.teardown(() => world.stop());
	const flash = path.join(makeFolder(t), "flash");
	const configuration = configure(world, [{ name: "free", url: `${world.seller.url}/free`, everySeconds: 1 }]);
	const file = `${path.dirname(flash)}/device.json`;
	writeFileSync(file, configuration);
	const child = launch(["--json", "--engine", engine, "--config", file, "--flash", flash]);
	child.stderr.resume();
	const lines = createInterface({ input: child.stdout });
	await once(lines, "line");
	const inUse = await t.throwsAsync(runFirmware({ engine, flash, configuration, onEvent: () => {} }));
	const pid = Number(/by process (\d+)/.exec(inUse?.message ?? "")?.[1]);
	t.true(pid > 0 && pid !== child.pid, inUse?.message);
	child.kill("SIGKILL");
	await once(child, "exit");
	await ended([pid]);
	const single = JSON.stringify({ ...JSON.parse(configuration), count: 1 });
	const again = await runFirmware({ engine, flash, configuration: single, timeout: 60_000, onEvent: () => {} });
	t.is(again.exitCode, 0);
}
