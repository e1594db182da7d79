/**
 * What a restart may resume: a payment that has left, under the rule that allowed it, as long as each field of that rule
 * allows it now; an intent likewise, or it is begun anew, since nothing of it has left.
 */
import test from "ava";
import { configuration, FakeSeller, ORIGIN, PAY_TO } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";

const YEARS = 62 * 31_556_952_000;

const wide = {
	origin: ORIGIN,
	asset: "usdc",
	methods: ["eip3009"],
	payTo: [PAY_TO],
	maxPerPayment: "50000",
	maxPerWindow: "100000",
	maxCountPerWindow: 20,
	windowSeconds: 3_600,
	maxForLife: "1000000",
	maxValiditySeconds: 120,
};

/** A device whose power is cut after this write of its first purchase. */
async function cutAt(write: number, text: string, prepare: (device: Device) => void = () => {}) {
	const device = new Device();
	const seller = new FakeSeller(device);
	prepare(device);
	device.flash.cut = { at: write, side: "after" };
	await device.run(text);
	device.flash.boot();
	return { device, seller };
}

for (const [state, write] of [
	["intended", 1],
	["authorized", 2],
] as const) {
	test(`a purchase ${state} while the clock was decades ahead: no signature outlasts the rule`, async (t) => {
		const { device, seller } = await cutAt(write, configuration(), (device) => {
			device.clock.now! += YEARS;
		});
		device.clock.now! -= YEARS;
		const [ended] = await device.purchases(configuration());
		for (const { validBefore } of seller.payments) t.true(validBefore <= device.clock.now! / 1_000 + 120);
		// What may have left is not known to have been used, and is not paid again.
		t.is(ended!.state, state === "intended" ? "delivered" : "unknown");
	});

	test(`a purchase ${state}, and the rule now allows a shorter validity: no signature outlasts it`, async (t) => {
		const { device, seller } = await cutAt(write, configuration());
		await device.run(configuration([{}], { maxValiditySeconds: 20 }));
		const longest = state === "intended" ? 20 : 60;
		for (const { validBefore } of seller.payments) t.true(validBefore <= device.clock.now! / 1_000 + longest);
		t.true(seller.distinct <= 1);
	});

	test(`a purchase ${state}, and another rule now stands before its own: it is delivered`, async (t) => {
		const { device, seller } = await cutAt(write, configuration());
		const rules = [
			{ ...wide, name: "in front" },
			{ ...wide, name: "seller" },
		];
		const [ended] = await device.purchases(configuration([{}], {}, {}, rules));
		t.is(`${ended!.state} ${ended!.outcome} by ${ended!.rule}`, "delivered paid by seller");
		t.is(seller.distinct, 1);
	});

	for (const [what, rule, refusal] of [
		["methods", { methods: ["permit2"] }, "MethodNotAllowed"],
		["resource", { resource: "/elsewhere" }, "ResourceNotAllowed"],
		["payTo", { payTo: [`0x${"11".repeat(20)}`] }, "PayToNotPinned"],
	] as const) {
		test(`a purchase ${state}, and the rule has other ${what} now: nothing is sent`, async (t) => {
			const { device, seller } = await cutAt(write, configuration());
			const [ended] = await device.purchases(configuration([{}], rule));
			t.is(`${ended!.state} ${ended!.outcome}`, `${state === "intended" ? "refused" : "unknown"} ${refusal}`);
			t.is(seller.payments.length, 0);
		});
	}
}

for (const [left, isResumed] of [
	[11, true],
	[10, false],
] as const) {
	test(`an intent that is valid for ${left} more seconds is ${isResumed ? "signed" : "discarded, and another one signed"}`, async (t) => {
		const { device, seller } = await cutAt(1, configuration());
		const { nonce, validBefore } = device.records()[0]!;
		device.clock.now = (validBefore - left) * 1_000;
		const [ended] = await device.purchases(configuration());
		t.is(ended!.state, "delivered");
		t.is(seller.distinct, 1);
		t.is(seller.payments[0]!.nonce === `0x${Buffer.from(nonce).toString("hex")}`, isResumed);
	});
}

test("an intent of a period that was in the future is not bought in that period", async (t) => {
	const text = configuration([{ everySeconds: 3_600 }], {}, { count: 1 });
	const { device, seller } = await cutAt(1, text, (device) => {
		device.clock.now! += YEARS;
	});
	device.clock.now! -= YEARS;
	const [ended] = await device.purchases(text);
	t.is(ended!.state, "delivered");
	t.true(device.wallet(text).lastPeriod("plan 0")! <= device.clock.now! / 1_000);
	t.is(seller.distinct, 1);
});
