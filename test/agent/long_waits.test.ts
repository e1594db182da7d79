/**
 * Sellers that take their time once they are paid. The payment's own life is the measure of each wait: one payment, one request
 * that carries it, one delivery, however long the seller works, pauses or streams.
 */
import test from "ava";
import { type Asked, answer, receipt, TimedDevice, terms } from "../support/timed_device.js";
import { configuration, entry } from "./fake_seller.js";

type Serve = (asked: Asked, device: TimedDevice) => void;

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const STREAM = { "Transfer-Encoding": "chunked", "Content-Length": "" };
const streamHead = answer("200 OK", { ...STREAM, ...receipt() }).replace("Content-Length: \r\n", "");

/** After so many seconds. */
const later = ({ timer }: TimedDevice, seconds: number, act: () => void) => timer.set(act, seconds * 1_000);

/** Buys from a seller that serves a payment by `serve`, by terms of `maxTimeoutSeconds`. */
async function buy(serve: Serve, maxTimeoutSeconds: number, plan: object = {}, seconds = 3_600) {
	const accepts = [entry({ maxTimeoutSeconds })];
	const device = new TimedDevice((asked) => {
		if (asked.payment === undefined) asked.stream.receive(terms(accepts));
		else serve(asked, device);
	});
	const events = await device.runFor(seconds, configuration([plan], { maxValiditySeconds: 86_400 }));
	const purchase = events.find(({ event }) => event === "purchase");
	return { device, events, end: `${purchase?.state} ${purchase?.outcome}`, data: purchase?.data };
}

const slow: Readonly<Record<string, { readonly seconds: number; readonly serve: Serve; readonly data: string }>> = {
	"answers after 75 s": {
		seconds: 300,
		serve: ({ stream }, device) => later(device, 75, () => stream.receive(answer("200 OK", receipt(), "sun"))),
		data: "sun",
	},
	"says every 30 s that it is at work, and answers after 200 s": {
		seconds: 300,
		serve: ({ stream }, device) => {
			for (let at = 30; at < 200; at += 30) later(device, at, () => stream.receive("HTTP/1.1 102 Processing\r\n\r\n"));
			later(device, 200, () => stream.receive(answer("200 OK", receipt(), "sun")));
		},
		data: "sun",
	},
	"answers as its payment runs out, when the chain has just taken it": {
		seconds: 60,
		serve: ({ stream }, device) => later(device, 85, () => stream.receive(answer("200 OK", receipt(), "sun"))),
		data: "sun",
	},
	"writes its head in pieces, minutes apart": {
		seconds: 600,
		serve: ({ stream }, device) => {
			const whole = answer("200 OK", receipt(), "sun");
			for (let i = 0; i < 4; i++) {
				const piece = whole.slice((i * whole.length) / 4, ((i + 1) * whole.length) / 4);
				later(device, 120 * (i + 1), () => stream.receive(piece));
			}
		},
		data: "sun",
	},
	"pauses for 20 s in its stream": {
		seconds: 300,
		serve: ({ stream }, device) => {
			stream.receive(streamHead + chunk("the weather will"));
			later(device, 20, () => stream.receive(`${chunk(" be fine")}0\r\n\r\n`));
		},
		data: "the weather will be fine",
	},
	"pauses for 200 s before the last of its announced bytes": {
		seconds: 300,
		serve: ({ stream }, device) => {
			const whole = answer("200 OK", receipt(), "sunshine");
			stream.receive(whole.slice(0, -4));
			later(device, 200, () => stream.receive(whole.slice(-4)));
		},
		data: "sunshine",
	},
	"streams steadily for 130 s, longer than its payment lives": {
		seconds: 60,
		serve: ({ stream }, device) => {
			stream.receive(streamHead);
			for (let at = 1; at <= 130; at++) later(device, at, () => stream.receive(chunk(".")));
			later(device, 131, () => stream.receive("0\r\n\r\n"));
		},
		data: ".".repeat(130),
	},
	"ends its body with the connection, after a pause of a minute": {
		seconds: 120,
		serve: ({ stream }, device) => {
			stream.receive("HTTP/1.1 200 OK\r\n\r\nsun");
			later(device, 61, () => {
				stream.receive("shine");
				stream.end();
			});
		},
		data: "sunshine",
	},
};

for (const [what, { seconds, serve, data }] of Object.entries(slow)) {
	test(`a paid seller that ${what} is asked once, and delivers`, async (t) => {
		const { device, end, data: got } = await buy(serve, seconds);
		t.is(end, "delivered paid");
		t.is(got, data);
		t.is(device.paid.length, 1, "the seller works once");
	});
}

test("a payment that nobody answers is waited for until it can be settled no more, and no second exchange is opened", async (t) => {
	for (const [life, ends] of [
		[60, 90],
		[300, 330],
		[10, 60],
	] as const) {
		const { device, events, end } = await buy(() => {}, life);
		t.is(end, "unknown answer_lost");
		t.is(device.paid.length, 1);
		t.true(Math.abs(device.timer.now / 1_000 - ends) < 2, `${device.timer.now} ms for a life of ${life} s`);
		t.is(events.filter(({ event }) => event === "purchase").length, 1);
	}
});

test("a plan bounds the wait for a payment that lives longer, and does not send it again", async (t) => {
	const { device, end } = await buy(() => {}, 3_600, { waits: { paid: 120 } });
	t.is(end, "unknown answer_lost");
	t.is(device.paid.length, 1);
	t.true(device.timer.now <= 122_000, `${device.timer.now} ms`);
	const byDefault = await buy(() => {}, 3_600);
	t.true(Math.abs(byDefault.device.timer.now - 900_000) < 2_000, "a quarter of an hour");
});

test("a seller that drops the connection is sent the same payment again at once, and one that is still at work when it says", async (t) => {
	let runs = 0;
	const dropping = await buy(({ stream }) => {
		if (runs++ === 0) stream.fail("ECONNRESET");
		else stream.receive(answer("200 OK", receipt(), "sun"));
	}, 60);
	t.is(dropping.end, "delivered paid");
	t.is(new Set(dropping.device.paid.map(({ payment }) => payment)).size, 1);
	t.true(dropping.device.timer.now < 3_000);

	for (const status of ["409 Conflict", "425 Too Early", "409 Busy"]) {
		const headers = status.endsWith("Busy") ? {} : { "Retry-After": "20" };
		let since: number | undefined;
		const busy = await buy(({ stream, at }) => {
			since ??= at;
			stream.receive(at - since < 150_000 ? answer(status, headers) : answer("200 OK", receipt(), "sun"));
		}, 300);
		t.is(busy.end, "delivered paid", status);
		t.is(new Set(busy.device.paid.map(({ payment }) => payment)).size, 1);
		t.true(busy.device.paid.length <= 14, `${busy.device.paid.length} requests`);
	}
});

test("before a payment the waits are the plan's", async (t) => {
	const mute = async (plan: object) => {
		const device = new TimedDevice(() => {});
		const events = await device.runFor(100, configuration([plan], {}, { count: 1 }));
		const first = events.find(({ event }) => event === "purchase");
		return first?.outcome;
	};
	t.is(await mute({ waits: { answer: 5 } }), "HeaderTimeout");
	t.is(await mute({ waits: { exchange: 3 } }), "ExchangeTimeout");
});
