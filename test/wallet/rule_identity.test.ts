/** A rule is more than its name: what was spent under a name that has gone still counts for the rule that takes its place. */
import test from "ava";
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { configuration, FakeSeller } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";
import { integer } from "../support/memory.js";

const HOUR = 3_600_000;

/** Buys as often as the rules allow, `most` times at most; returns how often it did. */
async function buys(device: Device, most: number, rule: object, plan: object = {}): Promise<number> {
	const text = configuration([{ everySeconds: 3_600, ...plan }], { maxForLife: "200000", ...rule }, { count: 1 });
	for (let i = 0; i < most; i++) {
		const [ended] = await device.purchases(text);
		if (ended!.state !== "delivered") {
			return i;
		}
		device.clock.now! += HOUR;
	}
	return most;
}

for (const [before, what] of [
	[5, "in records"],
	[18, "in sums, too"],
] as const) {
	test(`a rule that is renamed keeps its sum for life, ${what}`, async (t) => {
		const device = new Device();
		new FakeSeller(device);
		t.is(await buys(device, before, { name: "first" }), before);
		t.is(await buys(device, 40, { name: "second" }), 20 - before);
		t.is(await buys(device, 40, { name: "third" }), 0);
		// And back.
		t.is(await buys(device, 40, { name: "first" }), 0);
	});
}

test("renamed again and again, with a purchase under each name, a rule still keeps its sum", async (t) => {
	const device = new Device();
	new FakeSeller(device);
	let bought = 0;
	for (let i = 0; i < 60; i++) bought += await buys(device, 1, { name: `rule ${i}` });
	t.is(bought, 20);
});

test("a narrow rule that is removed lets no more go by a wider one than that allows", async (t) => {
	const device = new Device();
	new FakeSeller(device);
	t.is(await buys(device, 15, { name: "narrow", resource: "/data" }), 15);
	t.is(await buys(device, 40, { name: "wide", resource: "/" }), 5);
});

test("a rule for another asset, or for another seller, begins at nothing", async (t) => {
	const device = new Device();
	new FakeSeller(device);
	t.is(await buys(device, 20, { name: "first" }), 20);
	const { assets, ...whole } = JSON.parse(configuration([], { name: "second" }));
	const others = [
		{ ...whole, assets: [{ ...assets[0], address: `0x${"44".repeat(20)}` }] },
		{ ...whole, assets, rules: [{ ...whole.rules[0], origin: "http://other.test" }] },
		{ ...whole, assets },
	];
	const lives = others.map((other) => {
		const text = JSON.stringify(other);
		const [rule] = parseConfiguration(text, device.keys, []).rules;
		return integer(device.wallet(text).spending(rule!).life);
	});
	t.deepEqual(lives, [0n, 0n, 200_000n]);
});

test("two rules that change names keep what each has spent at its own seller", async (t) => {
	const device = new Device();
	new FakeSeller(device);
	const rules = (...names: readonly string[]) => {
		const { rules, ...whole } = JSON.parse(
			configuration([{ everySeconds: 3_600 }], { maxForLife: "200000" }, { count: 1 }),
		);
		const other = { ...rules[0], origin: "http://other.test" };
		return JSON.stringify({ ...whole, rules: [rules[0], other].map((rule, i) => ({ ...rule, name: names[i] })) });
	};
	for (let i = 0; i < 20; i++) {
		await device.run(rules("one", "two"));
		device.clock.now! += HOUR;
	}
	for (const text of [rules("one", "two"), rules("two", "one"), rules("two", "three")]) {
		const [refused] = await device.purchases(text);
		t.is(refused!.outcome, "OverLifeCap");
		device.clock.now! += HOUR;
	}
});
