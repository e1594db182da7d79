/** A clock that goes wrong is noticed by what servers say, told, and not told too often. */
import test from "ava";
import { ClockWatch } from "../../src/agent/clock_watch.js";
import { parseDate } from "../../src/http/date.js";
import { Device } from "../support/device.js";
import { configuration, entry, FakeSeller, ORIGIN } from "./fake_seller.js";

const NOW = Date.UTC(2026, 10, 21, 12);
const HOUR = 3_600_000;

test("a Date header is parsed as JavaScript parses it", (t) => {
	for (const time of [0, 784_111_777_000, NOW, Date.UTC(2028, 1, 29, 23, 59, 59), Date.UTC(2099, 11, 31)]) {
		t.is(parseDate(new Date(time).toUTCString()), time);
	}
});

test("a Date in any other form is ignored", (t) => {
	const others = [
		"",
		"now",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
		"Sun, 06 Nov 1994 08:49:37 CET",
	];
	for (const text of [
		...others,
		"Sun, 06 Foo 1994 08:49:37 GMT",
		"Sun, 06 anF 1994 08:49:37 GMT",
		"Sun, xx Nov 1994 08:49:37 GMT",
	])
		t.is(parseDate(text), undefined, text);
});

function watchAt(wall: number | undefined) {
	const events: object[] = [];
	const time = { wall, monotonic: 0 };
	const clock = { wall: () => time.wall, monotonic: () => time.monotonic };
	const watch = new ClockWatch(clock, (event) => events.push(event));
	const look = (theirs: number) => watch.look(new Date(theirs).toUTCString(), "https://seller.example");
	return { events, time, look };
}

test("a clock more than a minute off is reported, less is not", (t) => {
	const { events, look } = watchAt(NOW);
	for (const theirs of [NOW, NOW - 60_000, NOW + 60_000]) look(theirs);
	t.deepEqual(events, []);
	look(NOW + 61_000);
	t.deepEqual(events, [{ event: "clock", secondsAhead: -61, of: "https://seller.example" }]);
});

test("a wrong clock is reported once an hour, whichever server shows it", (t) => {
	const { events, time, look } = watchAt(NOW);
	for (const theirs of [NOW - HOUR, NOW + HOUR, NOW, NOW - HOUR]) look(theirs);
	t.is(events.length, 1);
	time.monotonic = HOUR - 1;
	look(NOW - HOUR);
	t.is(events.length, 1);
	time.monotonic = HOUR;
	look(NOW - HOUR);
	t.is(events.length, 2);
});

test("an unset clock is not reported, and a malformed Date is ignored", (t) => {
	const unset = watchAt(undefined);
	unset.look(NOW);
	t.deepEqual(unset.events, []);
	const events: object[] = [];
	new ClockWatch({ wall: () => NOW, monotonic: () => 0 }, (event) => events.push(event)).look(
		"soon",
		"https://a.example",
	);
	t.deepEqual(events, []);
});

test("a clock that is behind by more than short terms allow is corrected for the signature, within the rule, and told at once", async (t) => {
	const terms = entry({ maxTimeoutSeconds: 30 });
	for (const [behind, maxValiditySeconds, extra, told] of [
		[27, 120, 27, 1],
		[27, 40, 10, 1],
		[27, 30, 0, 1],
		[10, 120, 0, 0],
		[-27, 120, 0, 0],
	] as const) {
		const device = new Device();
		const seller = new FakeSeller(device);
		seller.accepts = [terms];
		const events: object[] = [];
		const clock = { wall: () => device.clock.now, monotonic: () => 0 };
		const watch = new ClockWatch(clock, (event) => events.push(event));
		watch.look(new Date(device.clock.now! + behind * 1_000).toUTCString(), ORIGIN);
		device.mayBegin = {
			...device.mayBegin,
			secondsBehind: (origin, allowed) => watch.secondsBehind(origin, allowed),
		};
		const start = Math.floor(device.clock.now! / 1_000);
		await device.run(configuration([{}], { maxValiditySeconds }));
		t.is(seller.payments[0]!.validBefore - start, 30 + extra, `${behind} s behind`);
		t.is(events.length, told, `${behind} s behind`);
	}
});
