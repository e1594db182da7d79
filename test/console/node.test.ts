/** The console of a device on Node. */
import test from "ava";
import { startWorld } from "../../tools/world/world.js";
import { firstDay } from "./provisioning.js";

test("from an empty flash to the first paid purchase, by console commands alone", async (t) => {
	const world = await startWorld();
	try {
		t.is((await firstDay(t, world, "node")).exitCode, 74, "switched off, by nothing else");
	} finally {
		await world.stop();
	}
});
