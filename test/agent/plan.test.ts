/** When plans are due: once, or once in each period of wall time, across restarts, clocks and changed configurations. */
import test from "ava";
import { nextPeriodAt, type Plan, periodOf } from "../../src/configuration/plan.js";
import { Device } from "../support/device.js";
import { configuration, FakeSeller, ORIGIN } from "./fake_seller.js";

const plan = (everySeconds: number): Plan => ({ everySeconds }) as Plan;

test("a period is computed from wall time alone", (t) => {
	for (const [every, now, period, next] of [
		[0, 1_795_219_200, 0, undefined],
		[60, 0, 0, 60],
		[60, 59, 0, 60],
		[60, 60, 60, 120],
		[3_600, 1_795_219_201, 1_795_219_200, 1_795_222_800],
		[1, 7, 7, 8],
	] as const) {
		t.is(periodOf(plan(every), now), period);
		t.is(nextPeriodAt(plan(every), now), next);
	}
});

test("each plan buys once in each of its periods, and one that buys once, once", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const plans = [
		{ name: "once" },
		{ name: "hourly", everySeconds: 3_600 },
		{ name: "half-hourly", everySeconds: 1_800 },
	];
	const ends = await device.purchases(configuration(plans, {}, { count: 7 }));
	const order = ["once", "hourly", "half-hourly", "half-hourly", "hourly", "half-hourly", "half-hourly"];
	t.deepEqual(
		ends.map(({ plan }) => plan),
		order,
	);
	t.is(seller.settled.size, 7);
	t.deepEqual(await device.purchases(configuration([{ name: "once" }])), []);
});

test("a clock that goes back buys nothing twice", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const text = configuration([{ everySeconds: 60 }], {}, { count: 1 });
	await device.run(text);
	const now = device.clock.now!;
	device.clock.now = now - 600_000;
	device.onWait = () => t.is(seller.settled.size, 1);
	await device.run(text);
	t.true(device.clock.now >= now);
	t.is(seller.settled.size, 2);
});

test("a plan goes on when its period is made longer, or shorter", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	for (const everySeconds of [60, 3_600, 1, 86_400]) {
		device.clock.now! += 86_400_000;
		const ends = await device.purchases(configuration([{ everySeconds }], {}, { count: 1 }));
		t.is(ends[0]!.state, "delivered", String(everySeconds));
	}
	t.is(seller.settled.size, 4);
});

test("an unreachable seller lets the next plan have its turn, and is tried again after a restart", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	seller.fates = ["unreachable"];
	const ends = await device.purchases(configuration([{ name: "a" }, { name: "b" }]));
	t.deepEqual(
		ends.map(({ plan, state, outcome }) => `${plan} ${state} ${outcome}`),
		["a refused ConnectFailed", "b delivered paid"],
	);
	t.deepEqual(device.waits, [], "the next plan does not wait for it");
	t.is((await device.purchases(configuration([{ name: "a" }, { name: "b" }])))[0]!.plan, "a");
});

test("caps hold over plans: a window's count and sum, and the sum for life", async (t) => {
	const plans = Array.from({ length: 5 }, (_, i) => ({ name: `plan ${i}` }));
	for (const [rule, outcome] of [
		[{ maxCountPerWindow: 3 }, "OverWindowCount"],
		[{ maxPerWindow: "39999" }, "OverWindowCap"],
		[{ maxForLife: "39999" }, "OverLifeCap"],
	] as const) {
		const device = new Device();
		const seller = new FakeSeller(device);
		const ends = await device.purchases(configuration(plans, rule));
		t.deepEqual(
			ends.map(({ outcome }) => outcome),
			["paid", "paid", "paid", outcome, outcome],
		);
		t.is(seller.moved, 30_000n);
		device.clock.now! += 3_601_000;
		const later = await device.purchases(configuration(plans, rule));
		t.deepEqual(
			later.map(({ outcome }) => outcome),
			outcome === "OverLifeCap" ? [outcome, outcome] : ["paid", "paid"],
		);
	}
});

test("a plan's sink stores what was bought, or logs it", async (t) => {
	const device = new Device();
	new FakeSeller(device);
	const sink = { kind: "storage", key: "data", limit: 4 };
	const plans = [{ name: "kept", sink }, { name: "shown" }, { name: "too large", sink: { ...sink, limit: 3 } }];
	const ends = await device.purchases(configuration(plans));
	t.is(Buffer.from(device.flash.read("d.data")!).toString(), "21.5");
	t.is(ends[0]!.data, "21.5");
	t.is(ends[1]!.data, "21.5");
	// It is paid for, and nobody has it.
	t.is(`${ends[2]!.state} ${ends[2]!.outcome}`, "unknown SinkFull");
	t.is(device.spent()[0]!.total, 30_000n);
});

test("damaged flash stops the agent before it signs", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	await device.run(configuration());
	device.flash.entries.get("r0")![10]! ^= 1;
	await t.throwsAsync(device.run(configuration([{ name: "another", url: `${ORIGIN}/b` }])), { name: "LedgerDamaged" });
	t.is(seller.payments.length, 1);
});

test("the query of an address, which may hold a key, is in no event", async (t) => {
	const device = new Device();
	new FakeSeller(device);
	const events = await device.run(configuration([{ url: `${ORIGIN}/data?key=a-secret` }]));
	t.deepEqual(
		events.filter(({ url }) => url !== undefined).map(({ event, url }) => [event, url]),
		["buying", "purchase"].map((event) => [event, `${ORIGIN}/data`]),
	);
	t.false(JSON.stringify(events).includes("a-secret"));
});
