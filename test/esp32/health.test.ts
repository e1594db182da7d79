import test from "ava";
import { Health } from "../../hal/esp32/health.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A run of the device. `count` outlives it, as the RTC's memory does. */
function start(count = { is: 0 }) {
	const device = {
		now: 0,
		free: 100_000,
		largest: 50_000,
		isConnected: false,
		kept: 0,
		restarts: [] as string[],
		events: [] as { event: string; name: string }[],
	};
	const health = new Health({
		monotonic: () => device.now,
		memory: { free: () => device.free, largest: () => device.largest },
		restarts: {
			get: () => count.is,
			set: (value) => {
				count.is = value;
			},
		},
		restart: (reason) => device.restarts.push(reason),
		keepImage: () => device.kept++,
		isConnected: () => device.isConnected,
		log: (event) => device.events.push(event as { event: string; name: string }),
	});
	/** Feeds each ten seconds. */
	const pass = (milliseconds: number) => {
		for (const end = device.now + milliseconds; device.now < end; device.now += 10_000) health.fed();
		health.fed();
	};
	return { device, health, pass, count };
}

test("with enough memory the device is not restarted", (t) => {
	const { device, pass } = start();
	pass(10 * HOUR);
	t.deepEqual([device.restarts, device.events], [[], []]);
});

for (const low of [{ free: 16_383 }, { largest: 4_095 }]) {
	test(`low memory for a minute restarts the device: ${JSON.stringify(low)}`, (t) => {
		const { device, pass } = start();
		Object.assign(device, low);
		pass(50_000);
		t.deepEqual(device.restarts, []);
		pass(10_000);
		t.is(device.restarts.length, 1);
		t.regex(device.restarts[0]!, /^low memory: [0-9]+ bytes free, [0-9]+ in one piece$/);
	});
}

test("low memory for a moment, again and again, does not restart the device", (t) => {
	const { device, pass } = start();
	for (let times = 0; times < 20; times++) {
		device.free = 1_000;
		pass(50_000);
		device.free = 100_000;
		pass(10_000);
	}
	t.deepEqual(device.restarts, []);
});

test("after three restarts in a row that did not help the device continues, and reports it each minute", (t) => {
	const count = { is: 0 };
	for (let run = 0; run < 3; run++) {
		const { device, pass } = start(count);
		device.free = 1_000;
		pass(MINUTE);
		t.is(device.restarts.length, 1);
	}
	const { device, pass } = start(count);
	device.free = 1_000;
	pass(5 * MINUTE);
	t.deepEqual(device.restarts, []);
	t.is(device.events.length, 5);
	t.is(device.events[0]?.name, "RestartedTooOften");
});

test("a run of an hour resets the count of restarts", (t) => {
	const { pass, count } = start({ is: 3 });
	pass(HOUR - 10_000);
	t.is(count.is, 3);
	pass(10_000);
	t.is(count.is, 0);
});

test("a new image is confirmed once its agent has started and the network is up", (t) => {
	const { device, health, pass } = start();
	device.isConnected = true;
	pass(MINUTE);
	t.is(device.kept, 0);
	health.started();
	device.isConnected = false;
	pass(MINUTE);
	t.is(device.kept, 0);
	device.isConnected = true;
	pass(MINUTE);
	t.is(device.kept, 1);
});

test("a new image is confirmed once it has run for ten minutes", (t) => {
	const { device, pass } = start();
	device.now = HOUR;
	pass(10 * MINUTE - 10_000);
	t.is(device.kept, 0);
	pass(10_000);
	t.is(device.kept, 1);
});

test("an image whose watchdog is never fed is not confirmed", (t) => {
	const { device, health } = start();
	device.isConnected = true;
	health.started();
	t.is(device.kept, 0);
});
