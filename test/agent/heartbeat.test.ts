/** Who feeds the watchdog while a purchase takes its time, and when nobody does. */
import test from "ava";
import { Heartbeat, type LongWait } from "../../src/agent/heartbeat.js";
import type { Stream, StreamOptions } from "../../src/device/stream.js";
import { HttpClient } from "../../src/http/client.js";
import { defaultLimits } from "../../src/http/limits.js";
import { FakeTimer } from "../http/support/fake_timer.js";

/** A server that takes every request and answers none; and a watchdog that notes how long it was left alone. */
function rig() {
	const timer = new FakeTimer();
	const connect = (options: StreamOptions): Stream => {
		queueMicrotask(() => options.onWritable(2_048));
		return { read: () => undefined, write: () => {}, close: () => {} };
	};
	const http = new HttpClient({ connect, timer });
	let fedAt = 0;
	let hungriest = 0;
	const look = () => {
		hungriest = Math.max(hungriest, timer.now - fedAt);
	};
	const feed = () => {
		look();
		fedAt = timer.now;
	};
	/** Milliseconds: the longest that it went without, up to now. */
	const hunger = () => {
		look();
		return hungriest;
	};
	const ask = () => http.request({ method: "GET", url: "http://127.0.0.1/slow" }).catch((error: Error) => error.name);
	const told: LongWait[] = [];
	const heartbeat = new Heartbeat(timer, { feed }, http, (wait) => told.push(wait));
	/** A payment's request, which is waited for as long as the payment lives. */
	const pay = (seconds: number) => {
		const waits = { headerTimeout: seconds * 1_000, exchangeTimeout: seconds * 1_000 };
		return http
			.request({ method: "GET", url: "http://127.0.0.1/slow", waits })
			.catch((error: Error) => `${error.name} after ${timer.now / 1_000} s`);
	};
	return { timer, hunger, ask, pay, told, heartbeat };
}

test("the watchdog stays fed through four exchanges without an answer and the waits between them", async (t) => {
	const { timer, hunger, ask, heartbeat } = rig();
	heartbeat.start();
	for (let sends = 0; sends < 4; sends++) {
		const answer = ask();
		await timer.advance(defaultLimits.headerTimeout);
		t.is(await answer, "HeaderTimeout");
		await timer.advance(60_000);
	}
	t.is(hunger(), 10_000);
});

test("the watchdog notices an agent that makes no progress", async (t) => {
	const { timer, hunger, ask, heartbeat } = rig();
	heartbeat.start();
	void ask();
	await timer.advance(200_000);
	t.is(hunger(), 10_000);
	await timer.advance(120_000);
	t.true(hunger() >= 100_000, `${hunger()} ms without`);
});

test("the watchdog stays fed through an exchange of an hour, and notices a hang after it", async (t) => {
	const { timer, hunger, pay, told, heartbeat } = rig();
	heartbeat.start();
	const answer = pay(3_600);
	await timer.advance(3_595_000);
	t.is(hunger(), 10_000);
	t.deepEqual(
		told.slice(0, 3),
		[30, 90, 150].map((seconds) => ({ seconds, atMostSeconds: 3_600 })),
	);
	t.is(told.length, 60);
	await timer.advance(10_000);
	t.is(await answer, "ExchangeTimeout after 3600 s");
	await timer.advance(500_000);
	t.true(hunger() >= 200_000, `${hunger()} ms without`);
	t.is(told.length, 60);
});

test("an agent that has ended no longer feeds the watchdog", async (t) => {
	const { timer, hunger, heartbeat } = rig();
	heartbeat.start();
	await timer.advance(15_000);
	heartbeat.stop();
	heartbeat.stop();
	await timer.advance(60_000);
	t.is(hunger(), 65_000);
	t.is(timer.pending, 0);
});
