/** A market whose manifest is not included is not in the image. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { marketFolders } from "../../hal/node/markets.js";
import { buildSimulator, type SimulatorBuild } from "../../tools/moddable/simulator.js";
import type { World } from "../../tools/world/world.js";
import { configure } from "../world/configuration.js";
import type { Check } from "./check.js";
import { Device } from "./device.js";

const MARKETS = marketFolders()
	.map((folder) => path.basename(folder))
	.sort();

/** What the markets share is in every image. */
const KIT = "kit";

export function marketChecks(build: SimulatorBuild, world: World): Check[] {
	return [{ name: "a market that is left out of the manifest is not in the image", run: () => leftOut(build, world) }];
}

async function leftOut(build: SimulatorBuild, world: World): Promise<string> {
	assert.deepEqual(marketsIn(build), MARKETS);
	const without = buildSimulator("test/moddable/without_market/manifest.json");
	assert.deepEqual(
		marketsIn(without),
		MARKETS.filter((name) => name !== "pactum"),
	);
	const device = new Device(without);
	try {
		const configuration = JSON.parse(configure(world, []));
		configuration.markets = { pactum: {} };
		const { events } = await device.run({ configuration: JSON.stringify(configuration) });
		assert.match(String(events[0]?.message), /pactum/);
		return String(events[0]?.message);
	} finally {
		await device.remove();
	}
}

/** From the modules that are linked into the app. */
function marketsIn({ intermediates }: SimulatorBuild): string[] {
	const linked = readFileSync(path.join(intermediates, "mc.xs.c"), "utf8");
	const found = linked.matchAll(/"micropayer\/src\/markets\/([a-z]+)\//g);
	return [...new Set([...found].map(([, name]) => name!))].filter((name) => name !== KIT).sort();
}
