/** Paused: nothing is begun, what has left is gone on with. */
import test from "ava";
import { Device } from "../support/device.js";
import { configuration, FakeSeller } from "./fake_seller.js";

test("a paused agent sends no request, and the plan has its turn after resume", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	device.isPaused = true;
	device.onWait = () => {
		t.is(seller.requests, 0);
		device.isPaused = device.waits.length < 5;
	};
	const ends = await device.purchases(configuration([{}]));
	t.deepEqual(
		ends.map(({ state }) => state),
		["delivered"],
	);
	t.deepEqual(device.waits, [1_000, 1_000, 1_000, 1_000, 1_000]);
});

for (const [write, what] of [
	[1, "intended is closed, and bought again after resume"],
	[2, "authorized is resumed"],
] as const) {
	test(`while the agent is paused, a purchase that lost power when it was ${what}`, async (t) => {
		const device = new Device();
		const seller = new FakeSeller(device);
		device.flash.cut = { at: write, side: "after" };
		await device.run(configuration([{}])).catch(() => {});
		device.flash.boot();
		device.isPaused = true;
		device.onWait = () => {
			t.is(seller.settled.size, write === 1 ? 0 : 1, "as long as it is paused");
			device.isPaused = false;
		};
		await device.run(configuration([{}]));
		t.is(device.waits.length, 1);
		t.deepEqual(
			device.records().map(({ state, outcome }) => `${state} ${outcome}`),
			write === 1 ? ["expired paused", "delivered paid"] : ["delivered paid"],
		);
		t.is(seller.settled.size, 1);
	});
}
