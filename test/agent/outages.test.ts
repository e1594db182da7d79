/**
 * What has cost nothing does not use up the period: sellers that are away, busy or unreadable for a while are tried again, by waits
 * that grow, while other plans go on. What was decided is not asked again.
 */
import test from "ava";
import { type Asked, answer, receipt, TimedDevice, terms } from "../support/timed_device.js";
import { configuration, entry, ORIGIN } from "./fake_seller.js";

const HOUR = 3_600;
const seconds = (device: TimedDevice) => device.asked.map(({ at }) => Math.round(at / 1_000));

/** A seller that is as `away` has it for so many seconds, and then sells. */
function outage(until: number, away: (asked: Asked) => void, isUp = true): TimedDevice {
	const device: TimedDevice = new TimedDevice(
		(asked) => {
			if (asked.at < until * 1_000 && isUp && asked.path !== "/good") away(asked);
			else if (asked.payment === undefined) asked.stream.receive(terms([entry()]));
			else asked.stream.receive(answer("200 OK", receipt(), "sun"));
		},
		() => isUp || device.timer.now >= until * 1_000,
	);
	return device;
}

const says =
	(status: string, headers: Readonly<Record<string, string>> = {}, body = "") =>
	({ stream }: Asked) =>
		stream.receive(answer(status, headers, body));

const passing: Readonly<Record<string, { readonly away: (asked: Asked) => void; readonly isUp?: boolean }>> = {
	"nobody listens": { away: () => {}, isUp: false },
	"the connection is reset": { away: ({ stream }) => stream.fail("ECONNRESET") },
	"the connection ends without an answer": { away: ({ stream }) => stream.end() },
	"503 with Retry-After": { away: says("503 Waking up", { "Retry-After": "5" }) },
	"503 without": { away: says("503 Service Unavailable") },
	"429 with a date": {
		away: says("429 Slow down", {
			Date: "Sun, 06 Nov 1994 08:49:37 GMT",
			"Retry-After": "Sun, 06 Nov 1994 08:49:42 GMT",
		}),
	},
	"408": { away: says("408 Request Timeout") },
	"425": { away: says("425 Too Early") },
	"500": { away: says("500 Internal Server Error", {}, "<html>") },
	"502 of a gateway": { away: says("502 Bad Gateway") },
	"504": { away: says("504 Gateway Timeout") },
	"a 402 of HTML": { away: says("402 Payment Required", {}, "<html>") },
	"a 402 whose header is no base64": { away: says("402 Payment Required", { "PAYMENT-REQUIRED": "%%%" }) },
	"a captive portal that speaks another protocol": { away: ({ stream }) => stream.receive("220 hello\r\n") },
};

for (const everySeconds of [0, HOUR]) {
	for (const [what, { away, isUp }] of Object.entries(passing)) {
		test(`for ten seconds ${what}: a plan ${everySeconds === 0 ? "that buys once" : "of an hour"} buys soon after`, async (t) => {
			const device = outage(10, away, isUp);
			const plan = everySeconds === 0 ? {} : { everySeconds };
			const events = await device.runFor(300, configuration([plan]));
			const purchases = events.filter(({ event }) => event === "purchase");
			t.is(purchases.at(-1)!.state, "delivered");
			t.is(purchases.filter(({ state }) => state === "delivered").length, 1);
			for (const { state, retryInSeconds } of purchases.slice(0, -1))
				t.true(state === "refused" && Number(retryInSeconds) > 0);
			t.true(device.asked.length <= 8, `asked at ${seconds(device)}`);
			t.is(device.paid.length, 1);
		});
	}
}

test("waits grow, differ from device to device, and never end", async (t) => {
	const times = new Set<string>();
	for (const name of ["one", "another"]) {
		const device = outage(3 * HOUR, says("503 Down"));
		const events = await device.runFor(4 * HOUR, configuration([{ name }]));
		t.is(events.filter(({ event, state }) => event === "purchase" && state === "delivered").length, 1);
		const at = device.asked.map(({ at }) => at);
		t.true(at.length > 20 && at.length < 60, `${at.length} requests in three hours`);
		const waits = at.slice(1).map((time, i) => (time - at[i]!) / 1_000);
		t.true(waits[0]! >= 0.7 && waits[0]! < 3, `${waits[0]} s`);
		t.true(Math.max(...waits) <= 376 && Math.max(...waits) > 200, `${Math.max(...waits)} s at most`);
		times.add(waits.slice(0, 9).join());
	}
	t.is(times.size, 2);
});

test("Retry-After is obeyed, also beyond the period", async (t) => {
	const device = outage(100, says("429 Slow down", { "Retry-After": "120" }));
	await device.runFor(300, configuration([{ everySeconds: 60 }]));
	const [first, second] = seconds(device);
	t.true(second! - first! >= 120 && second! - first! <= 135, `asked at ${seconds(device)}`);
});

test("a period that begins during an outage is had in time, and each period is paid once at most", async (t) => {
	const device = outage(600, says("503 Down"));
	const events = await device.runFor(1_200, configuration([{ everySeconds: 300 }]));
	const delivered = events.filter(({ event, state }) => event === "purchase" && state === "delivered");
	t.is(delivered.length, 2, "at 600 s and at 900 s");
	t.deepEqual(
		device.paid.map(({ at }) => Math.floor(at / 300_000)),
		[2, 3],
	);
});

test("other plans go on while a seller is away", async (t) => {
	const device = outage(200, says("503 Down"));
	const plans = [{ name: "away" }, { name: "good", url: `${ORIGIN}/good`, everySeconds: 60 }];
	const events = await device.runFor(290, configuration(plans));
	const good = events.filter(({ event, plan }) => event === "purchase" && plan === "good");
	t.deepEqual(
		good.map(({ state }) => state),
		["delivered", "delivered", "delivered", "delivered", "delivered"],
	);
	t.true(events.some(({ event, plan, state }) => event === "purchase" && plan === "away" && state === "delivered"));
});

test("a window that is used up is looked at again, and the plan buys when it has room", async (t) => {
	const device = outage(0, () => {});
	const plans = [{ name: "a" }, { name: "b" }];
	const rule = { maxCountPerWindow: 1, windowSeconds: 600 };
	const events = await device.runFor(2_000, configuration(plans, rule));
	const ends = events.filter(({ event }) => event === "purchase").map(({ plan, outcome }) => `${plan} ${outcome}`);
	t.is(ends[0], "a paid");
	t.is(ends[1], "b OverWindowCount");
	t.is(ends.at(-1), "b paid");
	t.true(device.paid[1]!.at > 600_000);
});

const decided: Readonly<Record<string, { readonly away: (asked: Asked) => void; readonly outcome: string }>> = {
	"404": { away: says("404 Not Found"), outcome: "http_404" },
	"403 of a firewall": { away: says("403 Forbidden", {}, "error code: 1010"), outcome: "http_403" },
	"400 with a reason": { away: says("400 Bad Request", {}, '{"error":"place is missing"}'), outcome: "http_400" },
	"a price above the plan's cap": {
		away: ({ stream }) => stream.receive(terms([entry({ amount: "50001" })])),
		outcome: "OverPlanCap",
	},
	"a receiver that is not pinned": {
		away: ({ stream }) => stream.receive(terms([entry({ payTo: `0x${"11".repeat(20)}` })])),
		outcome: "PayToNotPinned",
	},
};

for (const [what, { away, outcome }] of Object.entries(decided)) {
	test(`${what} is an answer: it is not asked again in the period`, async (t) => {
		const device = outage(HOUR, away);
		const events = await device.runFor(HOUR, configuration([{}]));
		const purchases = events.filter(({ event }) => event === "purchase");
		t.deepEqual(
			purchases.map((each) => [each.outcome, each.retryInSeconds]),
			[[outcome, undefined]],
		);
		t.is(device.asked.length, 1);
		t.true(device.timer.now < 60_000, "the run has ended");
	});
}

test("a POST whose answer was lost may have had its effect: it is not sent again in the period", async (t) => {
	const device = outage(30, ({ stream }) => stream.fail("ECONNRESET"));
	await device.runFor(300, configuration([{ method: "POST", body: "order", everySeconds: HOUR }]));
	t.is(device.asked.length, 1);
	const refused = outage(30, () => {}, false);
	await refused.runFor(300, configuration([{ method: "POST", body: "order", everySeconds: HOUR }]));
	t.is(refused.paid.length, 1, "nothing had left");
});
