/** Purchases in the simulator: one as the XS host makes it, and many whose power fails. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { FirmwareEvent } from "../../tools/firmware.js";
import type { SimulatorBuild } from "../../tools/moddable/simulator.js";
import type { World } from "../../tools/world/world.js";
import { buildXs } from "../../tools/xs/build.js";
import { runXs } from "../../tools/xs/run.js";
import { recordsIn } from "../power/campaign.js";
import { configure } from "../world/configuration.js";
import type { Check } from "./check.js";
import { Device } from "./device.js";
import { Recorder } from "./recorder.js";

/** Milliseconds from the beginning of a purchase to a power cut. One takes about 300. */
const MOMENTS = [0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 220, 240, 260, 280, 320];
const MOST_RUNS = 4;

export function purchaseChecks(build: SimulatorBuild, programs: SimulatorBuild, world: World): Check[] {
	return [
		{ name: "purchases over plain HTTP, v2, v1 and Permit2", run: () => bought(build, world) },
		{ name: "the same events and the same flash as on the XS host", run: () => sameAsOnXs(programs, world) },
		{ name: "a purchase that is killed and resumed is paid once", run: () => paidOnce(build, world) },
	];
}

function plansFor({ seller, v1 }: World) {
	return [
		{ name: "v2", url: `${seller.url}/data` },
		{ name: "v1", url: `${v1.url}/data` },
		{ name: "permit2", url: `${seller.url}/permit2` },
	];
}

async function bought(build: SimulatorBuild, world: World): Promise<string> {
	const device = new Device(build);
	try {
		const address = await device.provision(world);
		await world.chain.approvePermit2(address);
		const { result, events } = await device.run({ configuration: configure(world, plansFor(world)) });
		assert.equal(result.exitCode, 0, result.reason);
		const purchases = events.filter(({ event }) => event === "purchase");
		assert.deepEqual(
			purchases.map(({ state }) => state),
			["delivered", "delivered", "delivered"],
		);
		const transfers = await world.chain.transfers(address);
		assert.equal(transfers.length, 3);
		return `${transfers.reduce((sum, { value }) => sum + value, 0n)} base units`;
	} finally {
		await device.remove();
	}
}

/** The second device hears what the sellers said to the first. */
async function sameAsOnXs(programs: SimulatorBuild, world: World): Promise<string> {
	const seller = await Recorder.start(world.seller.url);
	const v1 = await Recorder.start(world.v1.url);
	const simulated = new Device(programs);
	const onXs = new Device(programs);
	try {
		const address = await simulated.provision(world);
		await world.chain.approvePermit2(address);
		writeFileSync(path.join(onXs.flash, "key.0"), simulated.files().get("key.0")!, { mode: 0o600 });
		const wall = String(Date.now());
		for (const { flash } of [simulated, onXs]) writeFileSync(path.join(flash, "kv.test.wall"), wall);
		const recorded = { ...world, seller: { ...world.seller, url: seller.url }, v1: { ...world.v1, url: v1.url } };
		const configuration = configure(recorded, plansFor(recorded));

		const first = await simulated.run({ configuration, environment: { MICROPAYER_PROGRAM: "twin" } });
		assert.equal(first.result.exitCode, 0, first.result.reason);
		for (const recorder of [seller, v1]) recorder.replay();
		const events: FirmwareEvent[] = [];
		const second = await runXs({
			build: await buildXs({ entry: "test/moddable/xs_twin.ts" }),
			flash: onXs.flash,
			configuration,
			timeout: 60_000,
			onEvent: (event) => events.push(event as FirmwareEvent),
		});
		assert.equal(second.exitCode, 0, second.reason);
		assert.deepEqual([...seller.surprises, ...v1.surprises], []);
		assert.ok(seller.isAtEnd && v1.isAtEnd, "the same requests");
		assert.deepEqual([...first.events], events);
		assert.deepEqual(simulated.files(), onXs.files());
		const states = events.filter(({ event }) => event === "purchase").map(({ state }) => state);
		assert.deepEqual(states, ["delivered", "delivered", "delivered"]);
		const bytes = [...onXs.files().values()].reduce((sum, file) => sum + file.length, 0);
		return `${events.length} events, ${onXs.files().size} files of ${bytes} bytes`;
	} finally {
		for (const recorder of [seller, v1]) recorder.stop();
		for (const device of [simulated, onXs]) await device.remove();
	}
}

async function paidOnce(build: SimulatorBuild, world: World): Promise<string> {
	const states: string[] = [];
	for (const moment of MOMENTS) states.push(await lifeWithCut(build, world, moment));
	assert.ok(
		states.some((state) => state.startsWith("resumed")),
		"some were cut in the middle",
	);
	const count = (what: string) => states.filter((state) => state.startsWith(what)).length;
	return `${MOMENTS.length} power cuts, ${count("resumed")} in the middle of a purchase`;
}

async function lifeWithCut(build: SimulatorBuild, world: World, moment: number): Promise<string> {
	const device = new Device(build);
	try {
		const address = await device.provision(world);
		const configuration = configure(world, [{ name: "v2", url: `${world.seller.url}/data` }]);
		let kill = () => {};
		const cut = await device.run({
			configuration,
			onStart: (now) => {
				kill = now;
			},
			onEvent: ({ event }) => {
				if (event === "buying") setTimeout(kill, moment);
			},
		});
		const before = recordsIn(device.flash)[0]?.state ?? "none";
		let last = cut;
		for (let runs = 1; last.result.exitCode !== 0 && runs < MOST_RUNS; runs++)
			last = await device.run({ configuration });
		assert.equal(last.result.exitCode, 0, `${moment} ms: ${last.result.reason}`);
		const transfers = await world.chain.transfers(address);
		assert.equal(transfers.length, 1, `${moment} ms: one transfer`);
		const records = recordsIn(device.flash);
		assert.ok(
			records.some(({ nonce }) => nonce === transfers[0]!.nonce),
			`${moment} ms: the ledger knows the transfer`,
		);
		assert.ok(
			records.every(({ state }) => state !== "intended" && state !== "authorized"),
			`${moment} ms: every record in a final state`,
		);
		return before === "intended" || before === "authorized" ? "resumed" : before;
	} finally {
		await device.remove();
	}
}
