/** A purchase that later ones have overtaken, whose record flash gives back as it was before anything left. */
import test from "ava";
import { RunMark } from "../../src/agent/run_mark.js";
import { configuration, FakeSeller, ORIGIN } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";

const PLANS = [
	{ name: "open", url: `${ORIGIN}/open` },
	{ name: "later", url: `${ORIGIN}/later` },
];

test("an intended record that a later payment has overtaken is not paid with another nonce", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	seller.fates = ["answered", "answer lost", "answer lost", "answer lost", "answer lost"];
	let older: Uint8Array | undefined;
	const { flash } = device;
	const write = flash.write.bind(flash);
	flash.write = (key, bytes) => {
		if (key === "r0") older ??= bytes.slice();
		// The power fails before its end is written.
		if (seller.payments.length > 3) flash.isDead = true;
		write(key, bytes);
	};
	await device.run(configuration(PLANS.slice(0, 1)));
	t.is(seller.distinct, 1);

	// The machine has ended during its turn twice: another plan goes first.
	flash.write = write;
	flash.boot();
	const clock = { wall: () => device.wall(), monotonic: () => 0 };
	for (let times = 0; times < 2; times++) new RunMark(device.marks, device.keys, clock).begin("open");
	await device.run(configuration(PLANS, {}, { count: 1 }));
	t.is(seller.distinct, 2);

	flash.entries.set("r0", older!);
	device.clock.now! += 3_600_000;
	await device.run(configuration(PLANS));
	t.is(seller.distinct, 2, "there is a third nonce");
	t.is(device.records()[0]!.state, "unknown");
	t.is(device.spent()[0]?.total, 20_000n);
});
