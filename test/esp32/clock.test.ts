import test from "ava";
import { DeviceClock, type SystemTime } from "../../hal/esp32/clock.js";

const NOW = Date.UTC(2026, 10, 21, 12);

function start(reads: number) {
	const time = { now: reads, count: 0, ticks: 5 };
	const system: SystemTime = {
		read: () => time.now,
		set: (milliseconds) => {
			time.now = milliseconds;
		},
		monotonic: () => time.ticks,
		answers: () => time.count,
	};
	return { clock: new DeviceClock(system), time };
}

test("wall time is not set before a server has answered, whatever the system's clock says", (t) => {
	t.is(start(0).clock.wall(), undefined);
	t.is(start(NOW).clock.wall(), undefined);
});

test("a time server's answer sets wall time", (t) => {
	const { clock, time } = start(0);
	time.now = NOW;
	time.count = 1;
	t.is(clock.wall(), NOW);
});

test("a time before this firmware or after this century is ignored", (t) => {
	const { clock, time } = start(0);
	time.count = 1;
	for (const wrong of [0, Date.UTC(2026, 9, 31), Date.UTC(2100, 0, 1)]) {
		time.now = wrong;
		t.is(clock.wall(), undefined);
	}
});

test("the owner's time holds until a server answers", (t) => {
	const { clock, time } = start(0);
	clock.set(NOW);
	t.is(clock.wall(), NOW);
	time.now = NOW + 90_000;
	time.count = 1;
	t.is(clock.wall(), NOW + 90_000);
});

for (const wrong of [Number.NaN, -1, 0, Date.UTC(2020, 0, 1), Date.UTC(2100, 0, 1), Number.POSITIVE_INFINITY]) {
	test(`the owner's time is refused: ${wrong}`, (t) => {
		const { clock } = start(0);
		t.throws(() => clock.set(wrong), { name: "TimeRange" });
		t.is(clock.wall(), undefined);
	});
}

test("monotonic time is the system's", (t) => {
	t.is(start(0).clock.monotonic(), 5);
});
