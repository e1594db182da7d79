/** The brake: a plan that pays for nothing stops by itself, over restarts, until its owner has looked or a day has passed. */
import test from "ava";
import { Device } from "../support/device.js";
import type { Event } from "../support/memory.js";
import { answer, TimedDevice, terms } from "../support/timed_device.js";
import { configuration, entry, FakeSeller, type Fate, ORIGIN } from "./fake_seller.js";

const charged: Fate = {
	status: 500,
	headers: { "payment-response": Buffer.from('{"success":true}').toString("base64") },
};
const RULE = { maxPerWindow: "1000000", maxCountPerWindow: 100, windowSeconds: 60, maxForLife: "100000000" };
const DAY = 86_400;

/** Of the paid requests: what becomes of them, in order; unpaid ones are answered. */
function settling(seller: FakeSeller, fates: readonly Fate[]): void {
	seller.fates = fates.flatMap((fate): Fate[] => ["answered", fate]);
}

const ends = (events: readonly Event[], name = "plan 0") =>
	events.filter(({ event, plan }) => event === "purchase" && plan === name).map(({ outcome }) => outcome);
const pauses = (events: readonly Event[]) => events.filter(({ event }) => event === "paused");

const nothing: Readonly<Record<string, readonly Fate[]>> = {
	"settles and answers 500": [charged, charged, charged],
	"settles and redirects, with no place to go": Array<Fate>(3).fill({ status: 302 }),
	"says each time that the nonce is used": Array<Fate>(3).fill({
		status: 402,
		headers: {
			"payment-response": Buffer.from('{"success":false,"errorReason":"settlement_failed"}').toString("base64"),
		},
	}),
};

for (const [what, fates] of Object.entries(nothing)) {
	test(`a seller that ${what} is paid three times, and once more after a day`, async (t) => {
		const device = new Device();
		const seller = new FakeSeller(device);
		settling(seller, [...fates, fates[0]!]);
		const start = device.clock.now!;
		const text = configuration([{ everySeconds: 3_600 }], RULE, { count: 4 });
		const events = await device.run(text);
		t.is(ends(events).length, 4);
		t.is(seller.distinct, 4);
		const [first, second, ...more] = pauses(events);
		t.like(first, { plan: "plan 0", payments: 3 });
		t.is(first!.outcome, ends(events)[2]);
		t.true(Math.abs(Date.parse(String(first!.until)) - start - DAY * 1_000 - 2 * 3_600_000) < 3_600_000);
		t.like(second, { plan: "plan 0", payments: 3 });
		t.deepEqual(more, []);
		t.true(device.clock.now! >= start + DAY * 1_000, "the fourth is a day later");
	});
}

test("deliveries, free purchases and refusals before a payment do not count; a delivery resets the count", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	settling(seller, [charged, charged, "answered", charged, charged, { status: 404 }, "answered", charged]);
	const events = await device.run(configuration([{ everySeconds: 3_600 }], RULE, { count: 8 }));
	t.deepEqual(pauses(events), []);
	t.is(ends(events).length, 8);
});

test("a restart changes nothing about it, and neither does a power cut before it was written", async (t) => {
	for (const isLost of [false, true]) {
		const device = new Device();
		const seller = new FakeSeller(device);
		settling(seller, [charged, charged, charged, charged, charged]);
		for (let life = 0; life < 3; life++) {
			if (isLost) device.marks.refuses = (key) => key === "a.brake";
			await device.run(configuration([{ everySeconds: 3_600 }], RULE, { count: 1 }));
			device.marks.refuses = () => false;
			device.clock.now! += 3_600_000;
		}
		const start = device.clock.now!;
		await device.run(configuration([{ everySeconds: 3_600 }], RULE, { count: 1 }));
		t.true(device.clock.now! >= start + (DAY - 7_200) * 1_000, "it waited for the end of the pause");
		t.is(seller.distinct, 4);
	}
});

test("another plan of the same seller goes on", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const { request } = device.http!;
	const http = device.http as unknown as { request: typeof request };
	http.request = (asked) => {
		const isPaid = (asked.credentials ?? []).length > 0;
		if (asked.url.endsWith("/bad") && isPaid) seller.fates = [charged];
		return request(asked);
	};
	const plans = [
		{ name: "bad", url: `${ORIGIN}/bad`, everySeconds: 600 },
		{ name: "good", everySeconds: 600 },
	];
	const events = await device.run(configuration(plans, RULE, { count: 12 }));
	t.is(ends(events, "bad").length, 3);
	t.is(ends(events, "good").length, 9);
});

test("the plan's own settings: after one payment, for an hour", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	settling(seller, Array<Fate>(4).fill(charged));
	const plan = { everySeconds: 600, brake: { payments: 1, seconds: 3_600 } };
	const start = device.clock.now!;
	const events = await device.run(configuration([plan], RULE, { count: 3 }));
	t.is(pauses(events).length, 3);
	t.true(device.clock.now! - start >= 7_200_000 && device.clock.now! - start < 9_000_000);
});

test("a sink that is too small stops the plan before a second payment, until it is larger", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const sink = { kind: "storage", key: "data", limit: 3 };
	const plan = { everySeconds: 600, sink };
	const events = await device.run(configuration([plan], RULE));
	t.deepEqual(ends(events), ["SinkFull"]);
	t.like(pauses(events)[0], { plan: "plan 0", payments: 1, outcome: "SinkFull", until: undefined });
	device.clock.now! += 10 * DAY * 1_000;
	t.deepEqual(ends(await device.run(configuration([plan], RULE))), [], "neither time nor a restart helps");
	t.is(seller.settled.size, 1);
	const larger = { ...plan, sink: { ...sink, limit: 4 } };
	t.deepEqual(ends(await device.run(configuration([larger], RULE, { count: 2 }))), ["paid", "paid"]);
});

test("a paid answer whose head is too long stops the plan before a second payment, and the payment is sent once", async (t) => {
	for (const [headers, outcome] of [
		[{ "X-Long": "y".repeat(17_000) }, "HeadTooLarge"],
		[Object.fromEntries(Array.from({ length: 80 }, (_, i) => [`X-${i}`, "y"])), "TooManyHeaders"],
	] as const) {
		const device = new TimedDevice(({ stream, payment }) =>
			stream.receive(payment === undefined ? terms([entry()]) : answer("200 OK", headers, "sun")),
		);
		const events = await device.runFor(7_200, configuration([{ everySeconds: 600 }], RULE));
		t.deepEqual(ends(events), [outcome]);
		t.like(
			events.find(({ event }) => event === "purchase"),
			{ state: "unknown" },
		);
		t.like(pauses(events)[0], { plan: "plan 0", payments: 1, outcome, until: undefined });
		t.is(device.paid.length, 1);
	}
});

test("flash that does not take what was bought stops the plan as well", async (t) => {
	const device = new Device();
	new FakeSeller(device);
	device.flash.refuses = (key) => key === "d.data";
	const plan = { everySeconds: 600, sink: { kind: "storage", key: "data", limit: 100 } };
	const events = await device.run(configuration([plan], RULE));
	t.deepEqual(ends(events), ["SinkFailed"]);
	t.is(pauses(events).length, 1);
});

test("an owner who changes what the plan asks for has looked, and a clock that is set back makes no pause longer", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	settling(seller, [charged, charged, charged]);
	await device.run(configuration([{ everySeconds: 3_600 }], RULE, { count: 3 }));
	device.clock.now! += 3_600_000;
	const start = device.clock.now!;
	const changed = { everySeconds: 3_600, url: `${ORIGIN}/other` };
	const [end] = ends(await device.run(configuration([changed], RULE, { count: 1 })));
	t.is(end, "paid");
	t.is(device.clock.now, start);

	const other = new Device(2);
	settling(new FakeSeller(other), [charged, charged, charged]);
	await other.run(configuration([{ everySeconds: 3_600 }], RULE, { count: 3 }));
	other.monotonic = 0;
	const before = other.clock.now!;
	const again = configuration([{ everySeconds: 3_600, name: "plan 0" }], RULE, { count: 1 });
	// A day ahead of the truth when it paused; its periods are past, so the plan itself waits longer.
	other.clock.now = before - 2 * DAY * 1_000;
	await other.run(again);
	t.true(other.monotonic <= (3 * DAY + 7_200) * 1_000, `${other.monotonic} ms`);
});
