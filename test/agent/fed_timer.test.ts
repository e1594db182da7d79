/** Who feeds the watchdog while the agent waits, and when nobody does. */
import test from "ava";
import { fedTimer } from "../../src/agent/fed_timer.js";
import { HttpClient } from "../../src/http/client.js";
import type { Stream } from "../../src/http/stream.js";
import { FakeTimer } from "../http/support/fake_timer.js";

/** A timer by hand, and a watchdog that notes how long it was left alone. */
function rig() {
	const clock = new FakeTimer();
	let fedAt = 0;
	let hungriest = 0;
	const look = () => {
		hungriest = Math.max(hungriest, clock.now - fedAt);
	};
	const feed = () => {
		look();
		fedAt = clock.now;
	};
	/** Milliseconds: the longest that it went without, up to now. */
	const hunger = () => {
		look();
		return hungriest;
	};
	return { clock, hunger, timer: fedTimer(clock, { feed }) };
}

test("a long wait feeds it every ten seconds, and is as long as it was asked for", async (t) => {
	const { clock, timer, hunger } = rig();
	let firedAt = 0;
	timer.set(() => {
		firedAt = clock.now;
	}, 125_000);
	await clock.advance(130_000);
	t.is(firedAt, 125_000);
	t.is(hunger(), 10_000);
});

test("a wait that is called off feeds it no more", async (t) => {
	const { clock, timer, hunger } = rig();
	const handle = timer.set(() => t.fail(), 60_000);
	await clock.advance(10_000);
	timer.clear(handle);
	timer.clear(handle);
	await clock.advance(90_000);
	t.is(hunger(), 90_000);
});

test("an exchange that no server answers feeds it until its time-out, and then no more", async (t) => {
	const { clock, timer, hunger } = rig();
	const connect = (options: { onWritable(count: number): void }): Stream => {
		queueMicrotask(() => options.onWritable(2_048));
		return { read: () => undefined, write: () => {}, close: () => {} };
	};
	const http = new HttpClient({ connect, timer });
	const answer = http.request({ method: "GET", url: "http://127.0.0.1/slow" }).then(
		() => "answered",
		(error: Error) => error.name,
	);
	await clock.advance(60_000);
	t.is(await answer, "HeaderTimeout");
	t.is(hunger(), 10_000);
	await clock.advance(100_000);
	t.true(hunger() > 60_000, `${hunger()} ms without food`);
});
