/** A clock that was wrong once: nothing is spent by it, and what it has written does not block plans until its year. */
import test from "ava";
import { ClockWatch } from "../../src/agent/clock_watch.js";
import { Schedule } from "../../src/agent/schedule.js";
import type { Plan } from "../../src/configuration/plan.js";
import { believed } from "../../src/device/clock.js";
import { Device } from "../support/device.js";
import { configuration, FakeSeller } from "./fake_seller.js";

const NOW = 1_795_219_200;
const IN_2089 = 3_770_000_000;

function watchAt(wall: number) {
	const time = { wall: wall * 1_000, monotonic: 0 };
	const watch = new ClockWatch({ wall: () => time.wall, monotonic: () => time.monotonic }, () => {});
	const say = (origin: string, theirs: number) => watch.look(new Date(theirs * 1_000).toUTCString(), origin);
	return { time, watch, say };
}

test("a clock that is more than a day off what a seller says over TLS is in doubt at that seller, until it is put right", (t) => {
	const { time, watch, say } = watchAt(IN_2089);
	say("http://seller.test", NOW);
	t.is(watch.timeInDoubt("http://seller.test"), undefined, "without TLS anybody may have said so");
	say("https://seller.test", NOW);
	t.is(watch.timeInDoubt("https://seller.test"), NOW * 1_000);
	t.is(watch.timeInDoubt("https://other.test"), undefined, "one that lies stops its own sales alone");
	time.wall = NOW * 1_000;
	t.is(watch.timeInDoubt("https://seller.test"), undefined);
	time.wall = IN_2089 * 1_000;
	say("https://seller.test", IN_2089 - 80_000);
	t.is(watch.timeInDoubt("https://seller.test"), undefined, "less than a day is borne");
});

test("nothing is signed, and no period is spent, by a clock in doubt; once it is right the plan buys", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	device.clock.now = IN_2089 * 1_000;
	device.mayBegin = {
		isPaused: () => false,
		timeInDoubt: () => (device.wall() === NOW * 1_000 ? undefined : NOW * 1_000),
		isTimeConfirmed: () => true,
	};
	const text = configuration([{ everySeconds: 3_600 }], {}, { count: 1 });
	const [end] = await device.purchases(text);
	t.like(end, { state: "refused", outcome: "ClockDoubtful" });
	t.regex(String(end!.detail), /the clock says 2089-.*, http:\/\/seller\.test says 2026-/);
	t.is(seller.payments.length, 0);
	device.clock.now = NOW * 1_000;
	t.like((await device.purchases(text))[0], { state: "delivered" });
});

test("a plan that had its turn by a clock that was ahead has its turn again once the clock is right", (t) => {
	const plan = { name: "hourly", everySeconds: 3_600 } as Plan;
	const schedule = new Schedule([plan], {
		lastPeriod: () => undefined,
		suspension: () => undefined,
		paused: () => 0,
		uptime: () => 0,
	});
	schedule.begin(plan, 3_770_002_800);
	t.is(schedule.next(NOW), plan);
});

test("a pause that comes while the seller is asked is heard before anything is signed", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	device.mayBegin = { isPaused: () => seller.requests > 0, timeInDoubt: () => undefined, isTimeConfirmed: () => true };
	t.like((await device.purchases(configuration([{}])))[0], { state: "refused", outcome: "Paused" });
	t.is(seller.payments.length, 0);
});

test("a clock is confirmed by a server over TLS or by its owner, until it jumps", (t) => {
	const { time, watch, say } = watchAt(NOW);
	t.false(watch.isConfirmed);
	say("http://seller.test", NOW);
	t.false(watch.isConfirmed, "without TLS anybody may have said so");
	say("https://seller.test", NOW - 172_800);
	t.false(watch.isConfirmed);
	say("https://seller.test", NOW + 80_000);
	t.true(watch.isConfirmed);
	time.wall += 3_600_000;
	time.monotonic += 3_600_000;
	t.true(watch.isConfirmed);
	time.wall = IN_2089 * 1_000;
	t.false(watch.isConfirmed, "it has jumped");
	watch.confirm();
	t.true(watch.isConfirmed);
});

test("a wall time of before this firmware, or after 2099, counts as not set", (t) => {
	for (const [wall, expected] of [
		[undefined, undefined],
		[Date.UTC(2026, 9, 31), undefined],
		[Date.UTC(2026, 10, 1), Date.UTC(2026, 10, 1)],
		[Date.UTC(2099, 11, 31), Date.UTC(2099, 11, 31)],
		[Date.UTC(2100, 0, 1), undefined],
		[Number.NaN, undefined],
	] as const) {
		const clock = believed({ wall: () => wall, monotonic: () => 7 });
		t.is(clock.wall(), expected);
		t.is(clock.monotonic(), 7);
	}
});

for (const [what, seconds, isBought] of [
	["two days before the newest purchase", -172_800, false],
	["an hour before it", -3_600, true],
	["a year after it", 31_536_000, true],
	["three years after it", 3 * 31_536_000, false],
] as const) {
	test(`a clock that nobody has confirmed and that says ${what} is ${isBought ? "spent by" : "not spent by until it is confirmed"}`, async (t) => {
		const device = new Device();
		const seller = new FakeSeller(device);
		let isConfirmed = false;
		device.mayBegin = { isPaused: () => false, timeInDoubt: () => undefined, isTimeConfirmed: () => isConfirmed };
		device.clock.now = NOW * 1_000;
		t.like((await device.purchases(configuration([{ name: "first" }])))[0], { state: "delivered" });
		device.clock.now += seconds * 1_000;
		const [end] = await device.purchases(configuration([{ name: "second" }]));
		t.like(end, isBought ? { state: "delivered" } : { state: "refused", outcome: "ClockDoubtful" });
		if (!isBought) t.regex(String(end!.detail), /the newest purchase is of 2026-11-21T.*: set the clock with "time"/);
		isConfirmed = true;
		if (!isBought) t.like((await device.purchases(configuration([{ name: "second" }])))[0], { state: "delivered" });
		t.is(seller.payments.length, 2);
	});
}
