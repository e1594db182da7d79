/** What was paid for is fetched from where the seller says that it is, and nothing of the plan or the payment goes there. */
import test from "ava";
import { configuration, entry } from "../agent/fake_seller.js";
import { NetworkDevice } from "../support/network_device.js";
import { httpAnswer, type RawAnswer, type RawRequest, startRawSeller, termsAnswer } from "../world/raw_seller.js";

const terms = termsAnswer({ x402Version: 2, accepts: [entry()] });
const data = httpAnswer("200 OK", {}, "data");
const to = (place: string, status = "302 Found") => httpAnswer(status, { Location: place });
const accepted = (place: string) => httpAnswer("202 Accepted", { Location: place }, '{"job":7}');

interface Row {
	readonly paid: RawAnswer;
	/** By path, what other places answer: the last one again and again. */
	readonly places?: Readonly<Record<string, readonly RawAnswer[]>>;
	readonly ends: string;
	readonly got?: string;
}

const hop = (i: number) => to(`/hop${i}`);
const rows: Readonly<Record<string, Row>> = {
	"302 to a file": { paid: to("/file?key=k1"), places: { "/file": [data] }, ends: "delivered paid", got: "data" },
	"303 to a result": {
		paid: to("/file", "303 See Other"),
		places: { "/file": [data] },
		ends: "delivered paid",
		got: "data",
	},
	"307 to a file": { paid: to("/file", "307 There"), places: { "/file": [data] }, ends: "delivered paid", got: "data" },
	"five redirects": {
		paid: hop(1),
		places: { "/hop1": [hop(2)], "/hop2": [hop(3)], "/hop3": [hop(4)], "/hop4": [to("/file")], "/file": [data] },
		ends: "delivered paid",
		got: "data",
	},
	"six redirects": {
		paid: hop(1),
		places: {
			"/hop1": [hop(2)],
			"/hop2": [hop(3)],
			"/hop3": [hop(4)],
			"/hop4": [hop(5)],
			"/hop5": [to("/file")],
			"/file": [data],
		},
		ends: "unknown redirected",
	},
	"a file that is there a moment later": {
		paid: to("/file"),
		places: { "/file": [httpAnswer("404 No", {}), data] },
		ends: "unknown redirected",
	},
	"a store that fails once": {
		paid: to("/file"),
		places: { "/file": [httpAnswer("503 No", {}), data] },
		ends: "delivered paid",
		got: "data",
	},
	"a file that is cut once": {
		paid: to("/file"),
		places: { "/file": [{ bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nda", close: true }, data] },
		ends: "delivered paid",
		got: "data",
	},
	"a redirect without a place": { paid: httpAnswer("302 Found", {}), ends: "unknown redirected" },
	"a place that is no address": { paid: to("ftp://x"), ends: "unknown redirected" },
	"a job that is done at the third look": {
		paid: accepted("/jobs/7"),
		places: { "/jobs/7": [accepted("/jobs/7"), httpAnswer("202 Accepted", { "Retry-After": "2" }), data] },
		ends: "delivered paid",
		got: "data",
	},
	"a job whose result is elsewhere at the seller": {
		paid: accepted("/jobs/7"),
		places: { "/jobs/7": [to("/result", "303 See Other")], "/result": [data] },
		ends: "delivered paid",
		got: "data",
	},
	"a job that fails": {
		paid: accepted("/jobs/7"),
		places: { "/jobs/7": [httpAnswer("410 Gone", {}, "expired")] },
		ends: "unknown job_unfinished",
	},
	"202 without a place": { paid: httpAnswer("202 Accepted", {}, "soon"), ends: "delivered paid", got: "soon" },
	"202 with another's place": { paid: accepted("http://127.0.0.1:9/jobs/7"), ends: "delivered paid", got: '{"job":7}' },
};

for (const [name, { paid, places = {}, ends, got }] of Object.entries(rows)) {
	test(`${name}: ${ends}`, async (t) => {
		const asked: RawRequest[] = [];
		const seller = await startRawSeller((request) => {
			const path = request.path.split("?")[0]!;
			if (path === "/data") return "payment-signature" in request.headers ? paid : terms;
			const before = asked.filter((each) => each.path === request.path).length;
			asked.push(request);
			const answers = places[path] ?? [httpAnswer("404 No", {})];
			return answers[Math.min(before, answers.length - 1)]!;
		});
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		const plan = { url: `${seller.url}/data`, headers: { "X-Plan": "1" } };
		const [ended] = await device.purchases(configuration([plan], { origin: seller.url }));
		t.is(`${ended!.state} ${ended!.outcome}`, ends, String(ended!.detail));
		if (got !== undefined) t.is(ended!.data, got);
		t.is(seller.payments().length, 1, "the payment is sent once, and nowhere else");
		for (const { method, path, headers } of asked) {
			t.is(method, "GET");
			if (!path.startsWith("/jobs") && path !== "/result") t.false("x-plan" in headers, path);
		}
		t.false(JSON.stringify(ended).includes("k1"), "no query is shown");
		t.is(device.spent()[0]!.total, 10_000n);
	});
}

test("a store on another origin gets a bare request", async (t) => {
	const store = await startRawSeller(() => data);
	const seller = await startRawSeller(({ headers }) =>
		"payment-signature" in headers ? to(`${store.url}/file?signed=1`) : terms,
	);
	t.teardown(store.stop);
	t.teardown(seller.stop);
	const device = new NetworkDevice();
	const plan = { url: `${seller.url}/data`, headers: { "X-Plan": "1" } };
	const [ended] = await device.purchases(configuration([plan], { origin: seller.url }));
	t.is(`${ended!.state} ${ended!.data}`, "delivered data");
	t.deepEqual(Object.keys(store.requests[0]!.headers).sort(), ["accept", "accept-encoding", "host", "user-agent"]);
});

test("a job that never ends is given up when the plan's time is over", async (t) => {
	const seller = await startRawSeller(({ path, headers }) =>
		path === "/data" && !("payment-signature" in headers) ? terms : accepted("/jobs/7"),
	);
	t.teardown(seller.stop);
	const device = new NetworkDevice();
	const [ended] = await device.purchases(configuration([{ url: `${seller.url}/data` }], { origin: seller.url }));
	t.is(`${ended!.state} ${ended!.outcome}`, "unknown job_unfinished");
	t.true(seller.requests.length > 20 && seller.requests.length < 60, `${seller.requests.length}`);
	t.is(seller.payments().length, 1);
});
