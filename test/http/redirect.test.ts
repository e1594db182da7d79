import test from "ava";
import type { HttpRequest } from "../../src/http/request.js";
import { clientOn, GET, settled } from "./support/exchange.js";
import { FakeNetwork, serving } from "./support/fake_network.js";
import { settle } from "./support/fake_timer.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const moved = (status: number, location: string) =>
	`HTTP/1.1 ${status} \r\nLocation: ${location}\r\nContent-Length: 4\r\n\r\ngone`;
const ANYWHERE = { limit: 5, allowed: () => true };
const NOWHERE = { limit: 5, allowed: () => false };
const CREDENTIALS = [["X-PAYMENT", "secret"]] as const;
const BODY = new TextEncoder().encode("body");
const POST = { ...GET, method: "POST", body: BODY, headers: [["Content-Type", "text/plain"]] } as const;
const SECURE = { ...GET, url: "https://seller.test/data" };

/** One redirect, and where the next request goes and how it starts, or why there is none. */
const MATRIX: readonly (readonly [
	what: string,
	request: HttpRequest,
	status: number,
	location: string,
	expected: string,
])[] = [
	["same origin", GET, 302, "/b", "seller.test:80 GET /b"],
	["same origin, relative", GET, 307, "b?c#d", "seller.test:80 GET /b?c"],
	["same origin, absolute", GET, 301, "http://SELLER.test:80/b", "seller.test:80 GET /b"],
	["same origin, with credentials", { ...GET, credentials: CREDENTIALS }, 308, "/b", "seller.test:80 GET /b"],
	["same origin, with a body", POST, 307, "/b", "seller.test:80 POST /b"],
	["same origin, 303", POST, 303, "/b", "seller.test:80 GET /b"],
	["same origin, POST and 302", POST, 302, "/b", "seller.test:80 GET /b"],
	["same origin, PUT and 301", { ...POST, method: "PUT" }, 301, "/b", "seller.test:80 PUT /b"],
	["same origin, HEAD and 303", { ...GET, method: "HEAD" }, 303, "/b", "seller.test:80 HEAD /b"],
	["another host", GET, 302, "http://other.test/b", "other.test:80 GET /b"],
	["another host, without a scheme", GET, 302, "//other.test/b", "other.test:80 GET /b"],
	["another port", GET, 302, "http://seller.test:81/b", "seller.test:81 GET /b"],
	["to TLS", GET, 301, "https://seller.test/b", "seller.test:443 GET /b"],
	["another host that is not allowed", { ...GET, redirects: NOWHERE }, 302, "//other.test/b", "RedirectForbidden"],
	["another port that is not allowed", { ...GET, redirects: NOWHERE }, 302, "//seller.test:81/", "RedirectForbidden"],
	["another host, with credentials", { ...GET, credentials: CREDENTIALS }, 302, "//b.test", "RedirectWithCredentials"],
	[
		"to TLS, with credentials",
		{ ...GET, credentials: CREDENTIALS },
		301,
		"https://seller.test/",
		"RedirectWithCredentials",
	],
	["another host, with a body", POST, 307, "//b.test", "RedirectWithBody"],
	["another host, with a PUT's body", { ...POST, method: "PUT" }, 301, "//b.test", "RedirectWithBody"],
	["another host, without the body", POST, 303, "//other.test/b", "other.test:80 GET /b"],
	[
		"another host, without the body but with credentials",
		{ ...POST, credentials: CREDENTIALS },
		303,
		"//other.test/b",
		"RedirectWithCredentials",
	],
	["out of TLS", SECURE, 302, "http://seller.test/b", "RedirectDowngrade"],
	["out of TLS, to another host", SECURE, 302, "http://other.test/b", "RedirectDowngrade"],
	["another scheme", GET, 302, "ftp://seller.test/b", "RedirectMalformed"],
	["a user name", GET, 302, "http://seller.test@other.test/b", "RedirectMalformed"],
	["a space", GET, 302, "/a b", "RedirectMalformed"],
	["beyond ASCII", GET, 302, "/\xe9", "RedirectMalformed"],
	["two Location headers", GET, 302, "/a\r\nLocation: /b", "RedirectMalformed"],
	["a status that is no redirect", GET, 300, "/b", "300"],
	["304", GET, 304, "/b", "304"],
	["redirects that are not asked for", { ...GET, redirects: undefined! }, 302, "//other.test", "302"],
];

for (const [what, request, status, location, expected] of MATRIX) {
	test(`${request.method}, ${status}, ${what}: ${expected}`, async (t) => {
		const { client, timer, network } = clientOn(serving([[moved(status, location)], [OK]]));
		const outcome = await settled(client.request({ redirects: ANYWHERE, ...request }));
		await settle();
		if (expected.startsWith("Redirect")) {
			t.deepEqual(outcome, { error: expected, sent: true });
			t.is(network.streams.length, 1);
			t.is(network.open, 0);
			t.is(timer.pending, 0);
			return;
		}
		const { host, port } = network.streams.at(-1)!.options;
		const last = network.streams
			.at(-1)!
			.written.split(/(?=(?:GET|POST|PUT|HEAD) \/)/)
			.at(-1)!;
		if (/^\d+$/.test(expected)) {
			t.is(outcome.status, Number(expected));
			return;
		}
		t.is(outcome.status, 200);
		t.is(`${host}:${port} ${last.split(" HTTP")[0]}`, expected);
		t.is(outcome.response!.url.target, expected.split(" ")[2]!);
		t.is(last.includes("X-PAYMENT: secret"), request.credentials !== undefined);
		const hasBody = ["POST", "PUT"].includes(expected.split(" ")[1]!);
		t.is(last.endsWith("\r\n\r\nbody"), hasBody);
		t.is(/content-type/i.test(last), hasBody);
		t.is(/content-length/i.test(last), hasBody);
	});
}

test("a 3xx without Location is returned as is", async (t) => {
	const { client } = clientOn(serving([["HTTP/1.1 302 \r\nContent-Length: 4\r\n\r\nhere"]]));
	t.like(await settled(client.request({ ...GET, redirects: ANYWHERE })), { status: 302, body: "here" });
});

test("a redirect loop ends at the limit, on one connection", async (t) => {
	const { client, network, timer } = clientOn(serving(Array(10).fill([moved(302, "/data")])));
	t.like(await settled(client.request({ ...GET, redirects: ANYWHERE })), { error: "RedirectLimit", sent: true });
	t.is(client.counters.requests, 6);
	t.is(client.counters.connections, 1);
	t.is(network.open, 0);
	t.is(timer.pending, 0);
});

test("the caller's `allowed` decides about every other origin, and only about those", async (t) => {
	const asked: string[] = [];
	const pieces = [moved(302, "/b"), moved(302, "//other.test/c"), moved(302, "/d"), OK].map((text) => [text]);
	const { client } = clientOn(serving(pieces));
	const allowed = ({ origin }: { origin: string }) => asked.push(origin) > 0;
	const response = await client.request({ ...GET, redirects: { limit: 3, allowed } });
	t.is(response.url.href, "http://other.test/d");
	t.deepEqual(asked, ["http://other.test"]);
});

test("a redirect's long body is not read: the next request opens a connection", async (t) => {
	const long = `HTTP/1.1 302 \r\nLocation: /b\r\nContent-Length: 1000000\r\n\r\n`;
	const { client, network } = clientOn(serving([[long], [OK]]));
	t.like(await settled(client.request({ ...GET, redirects: ANYWHERE })), { status: 200, body: "ok" });
	t.is(network.streams.length, 2);
	t.true(network.streams[0]!.closed);
});

test("an error after a redirect says that bytes were sent, even if none reached the second server", async (t) => {
	const network = new FakeNetwork((stream) => {
		if (stream.options.host === "other.test") {
			stream.fail("refused");
			return;
		}
		stream.onWrite = () => stream.receive(moved(302, "//other.test/b"));
		stream.accept(1_000);
	});
	const { client } = clientOn(network);
	t.like(await settled(client.request({ ...GET, redirects: ANYWHERE })), { error: "ConnectFailed", sent: true });
});
