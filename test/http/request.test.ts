import test from "ava";
import type { HttpRequest } from "../../src/http/request.js";
import { clientOn, GET } from "./support/exchange.js";
import { FakeNetwork, serving } from "./support/fake_network.js";
import { settle } from "./support/fake_timer.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async function written(request: HttpRequest): Promise<string> {
	const network = serving([[OK]]);
	await clientOn(network).client.request(request);
	return network.streams[0]!.written;
}

const WRITTEN: readonly (readonly [request: HttpRequest, text: string])[] = [
	[
		{ method: "GET", url: "http://seller.test" },
		"GET / HTTP/1.1\r\nHost: seller.test\r\nAccept-Encoding: identity\r\nUser-Agent: micropayer/0.1.0\r\nAccept: */*\r\n\r\n",
	],
	[
		{ method: "GET", url: "http://seller.test:4021/a?b=c#d", headers: [["Accept", "text/plain, */*;q=0"]] },
		"GET /a?b=c HTTP/1.1\r\nHost: seller.test:4021\r\nAccept-Encoding: identity\r\nUser-Agent: micropayer/0.1.0\r\nAccept: text/plain, */*;q=0\r\n\r\n",
	],
	[
		{ method: "GET", url: "https://[::1]:443/", headers: [["A", ""]], credentials: [["Authorization", "Bearer x"]] },
		"GET / HTTP/1.1\r\nHost: [::1]\r\nAccept-Encoding: identity\r\nUser-Agent: micropayer/0.1.0\r\nAccept: */*\r\nA: \r\nAuthorization: Bearer x\r\n\r\n",
	],
	[
		{ method: "POST", url: "http://[::1]:8080/" },
		"POST / HTTP/1.1\r\nHost: [::1]:8080\r\nAccept-Encoding: identity\r\nUser-Agent: micropayer/0.1.0\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n",
	],
	[
		{ method: "POST", url: "http://a/", body: new TextEncoder().encode("é") },
		"POST / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: identity\r\nUser-Agent: micropayer/0.1.0\r\nAccept: */*\r\nContent-Length: 2\r\n\r\n\xc3\xa9",
	],
	[
		{ method: "DELETE", url: "http://a/", body: new Uint8Array(0) },
		"DELETE / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: identity\r\nUser-Agent: micropayer/0.1.0\r\nAccept: */*\r\nContent-Length: 0\r\n\r\n",
	],
	[
		{ method: "GET", url: "http://a/b", acceptEncoding: "identity;q=1, *;q=0" },
		"GET /b HTTP/1.1\r\nHost: a\r\nAccept-Encoding: identity;q=1, *;q=0\r\nUser-Agent: micropayer/0.1.0\r\nAccept: */*\r\n\r\n",
	],
	[
		{ method: "GET", url: "http://a/c", headers: [["user-agent", "weather/1"]], credentials: [["ACCEPT", "text/csv"]] },
		"GET /c HTTP/1.1\r\nHost: a\r\nAccept-Encoding: identity\r\nuser-agent: weather/1\r\nACCEPT: text/csv\r\n\r\n",
	],
];

for (const [request, text] of WRITTEN) {
	test(`${request.method} ${request.url} is written as ${JSON.stringify(text.slice(0, 40))}…`, async (t) => {
		t.is(await written(request), text);
	});
}

const REFUSED: readonly (readonly [what: string, change: Partial<HttpRequest>, name: string])[] = [
	["a method with a space", { method: "GET /" }, "MethodInvalid"],
	["a method with a line break", { method: "GET\r\n" }, "MethodInvalid"],
	["CONNECT", { method: "CONNECT" }, "MethodInvalid"],
	["a name with a line break", { headers: [["A\r\nB", "c"]] }, "HeaderInvalid"],
	["a name with a colon", { headers: [["A:", "c"]] }, "HeaderInvalid"],
	["an empty name", { headers: [["", "c"]] }, "HeaderInvalid"],
	["a value with CR LF", { headers: [["A", "b\r\nHost: evil"]] }, "HeaderInvalid"],
	["a value with LF", { headers: [["A", "b\n"]] }, "HeaderInvalid"],
	["a value with CR", { headers: [["A", "b\r"]] }, "HeaderInvalid"],
	["a value with NUL", { headers: [["A", "\0"]] }, "HeaderInvalid"],
	["a value with DEL", { headers: [["A", "\x7f"]] }, "HeaderInvalid"],
	["a value beyond ASCII", { headers: [["A", "é"]] }, "HeaderInvalid"],
	// U+010D and U+010A: a line break to whoever keeps only the low byte.
	["a value that would be cut to a line break", { headers: [["A", "\u010d\u010aHost: evil"]] }, "HeaderInvalid"],
	["a credential with a line break", { credentials: [["A", "secret\r\n"]] }, "HeaderInvalid"],
	["Host", { headers: [["Host", "evil"]] }, "HeaderReserved"],
	["Content-Length", { headers: [["content-length", "1"]] }, "HeaderReserved"],
	["Transfer-Encoding", { credentials: [["Transfer-Encoding", "chunked"]] }, "HeaderReserved"],
	["Connection", { headers: [["Connection", "close"]] }, "HeaderReserved"],
	["Authorization among the headers", { headers: [["authorization", "secret"]] }, "HeaderReserved"],
	["Cookie among the headers", { headers: [["Cookie", "secret"]] }, "HeaderReserved"],
	["a line break in the address", { url: "http://a/\r\nHost: evil" }, "UrlCharacter"],
];

for (const [what, change, name] of REFUSED) {
	test(`${what} is refused before a connection is opened: ${name}`, async (t) => {
		const { client, network, timer } = clientOn(serving([[OK]]));
		const error = await t.throwsAsync(client.request({ ...GET, ...change }));
		t.like(error, { name, sent: false });
		t.notRegex(error!.message, /secret/);
		t.is(network.streams.length, 0);
		t.is(timer.pending, 0);
	});
}

for (const window of [1, 7, 1_000, 5_000]) {
	test(`a request is written in pieces that the stream has room for: ${window} at a time`, async (t) => {
		const body = Uint8Array.from({ length: 3_000 }, (_, i) => i);
		const credentials = [["X-PAYMENT", "p".repeat(2_000)]] as const;
		const network = new FakeNetwork((stream) => {
			stream.onWrite = () => {
				queueMicrotask(() => (stream.written.endsWith(expected) ? stream.receive(OK) : stream.accept(window)));
			};
			stream.accept(window);
		});
		const expected = Buffer.from(Uint8Array.from({ length: 3_000 }, (_, i) => i)).toString("latin1");
		const { client } = clientOn(network);
		const response = await client.request({ method: "POST", url: "http://a/", credentials, body });
		t.is(await response.text(9), "ok");
		const [head, ...rest] = network.streams[0]!.written.split("\r\n\r\n");
		t.true(head!.endsWith(`Content-Length: 3000\r\nX-PAYMENT: ${"p".repeat(2_000)}`));
		t.is(rest.join("\r\n\r\n"), expected);
		t.true(Math.max(...network.streams[0]!.writes) <= Math.min(window, 1_024));
	});
}

test("an answer that precedes the end of the request's body is read, and the connection is not reused", async (t) => {
	for (const interim of ["", "HTTP/1.1 102 Processing\r\n\r\n"]) {
		const network = new FakeNetwork((stream) => {
			stream.onWrite = () => {
				if (stream.written.length === 500) {
					stream.receive(`${interim}HTTP/1.1 402 \r\nContent-Length: 2\r\n\r\nno`);
				}
			};
			stream.accept(500);
		});
		const { client } = clientOn(network);
		const response = await client.request({ ...GET, method: "POST", body: new Uint8Array(100_000) });
		t.is(response.status, 402);
		t.is(await response.text(9), "no");
		t.true(network.streams[0]!.closed);
		t.is(client.counters.bytesSent, 500);
	}
});

test("the rest of the body is sent after an interim response", async (t) => {
	for (const interim of ["HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 103 \r\n\r\nHTTP/1.1 102 \r\n\r\n"]) {
		const network = new FakeNetwork((stream) => {
			stream.onWrite = () => {
				if (stream.writes.length === 1) {
					stream.receive(interim);
					stream.onDrained = () => stream.accept(5_000);
				} else if (stream.written.length > 2_000) stream.receive(OK);
			};
			stream.accept(500);
		});
		const { client } = clientOn(network);
		const response = await client.request({ ...GET, method: "POST", body: new Uint8Array(2_000) });
		t.is(await response.text(9), "ok");
		await settle();
		t.is(network.streams[0]!.written.split("\r\n\r\n")[1], "\0".repeat(2_000));
		t.false(network.streams[0]!.closed);
	}
});
