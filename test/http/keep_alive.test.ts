import test from "ava";
import type { HttpRequest } from "../../src/http/request.js";
import { clientOn, GET, settled } from "./support/exchange.js";
import { FakeNetwork, serving } from "./support/fake_network.js";
import { settle } from "./support/fake_timer.js";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const at = (host: string): HttpRequest => ({ ...GET, url: `http://${host}/` });

test("a 402 and its paid retry use one connection", async (t) => {
	const required = "HTTP/1.1 402 Payment Required\r\nPAYMENT-REQUIRED: e30=\r\nContent-Length: 2\r\n\r\n{}";
	const { client, network } = clientOn(serving([[required], [OK]]));
	const first = await client.request(GET);
	t.is(first.status, 402);
	await first.discard();
	const second = await client.request({ ...GET, credentials: [["PAYMENT-SIGNATURE", "e30="]] });
	t.is(await second.text(10), "ok");
	t.is(network.streams.length, 1);
	t.deepEqual(
		{ ...client.counters },
		{
			connections: 1,
			requests: 2,
			bytesSent: network.streams[0]!.written.length,
			bytesReceived: required.length + OK.length,
		},
	);
});

test("a connection with an unread body serves no other request", async (t) => {
	const { client, network } = clientOn(serving([[OK], [OK], [OK]]));
	const first = await client.request(GET);
	const second = await client.request(GET);
	t.is(network.streams.length, 2);
	t.is(await first.text(9), "ok");
	t.is(await second.text(9), "ok");
	await client.request(GET);
	t.is(network.streams.length, 2);
});

test("a connection is reused only for its own origin", async (t) => {
	const { client, network } = clientOn(serving(Array(4).fill([OK])));
	for (const url of ["http://a.test/", "http://b.test/", "http://a.test:81/", "https://a.test/"]) {
		await (await client.request({ ...GET, url })).discard();
	}
	t.deepEqual(
		network.streams.map(({ options: { host, port, secure } }) => [host, port, secure]),
		[
			["a.test", 80, false],
			["b.test", 80, false],
			["a.test", 81, false],
			["a.test", 443, true],
		],
	);
});

test("at most two idle connections are kept; the longest idle one is closed", async (t) => {
	const { client, network } = clientOn(serving(Array(4).fill([OK])));
	for (const host of ["a.test", "b.test", "c.test"]) await (await client.request(at(host))).discard();
	t.deepEqual(
		network.streams.map(({ closed }) => closed),
		[true, false, false],
	);
});

test("at most four connections are open: an idle one is closed to make room, a busy one is not", async (t) => {
	const { client, network, timer } = clientOn(serving(Array(6).fill([OK])));
	await (await client.request(at("a.test"))).discard();
	const open = [];
	for (const host of ["b.test", "c.test", "d.test", "e.test"]) open.push(await client.request(at(host)));
	t.true(network.streams[0]!.closed);
	t.deepEqual(await settled(client.request(at("f.test"))), { error: "TooManySockets", sent: false });
	t.is(network.streams.length, 5);
	open[0]!.close();
	open.push(await client.request(at("f.test")));
	client.close();
	t.is(network.open, 0);
	for (const response of open) await response.discard();
	t.is(timer.pending, 0);
});

test("unsolicited bytes close an idle connection, at once or after the response that they follow", async (t) => {
	const { client, network } = clientOn(serving([[`${OK}HTTP/1.1 200 OK\r\n\r\n`], [OK], [OK]]));
	await (await client.request(GET)).discard();
	t.true(network.streams[0]!.closed);
	await (await client.request(GET)).discard();
	t.false(network.streams[1]!.closed);
	network.streams[1]!.receive("H");
	t.true(network.streams[1]!.closed);
	await (await client.request(GET)).discard();
	t.is(network.streams.length, 3);
});

test("an idle connection that the server closes is not reused", async (t) => {
	const { client, network, timer } = clientOn(serving([[OK], [OK]]));
	await (await client.request(GET)).discard();
	network.streams[0]!.end();
	t.is(timer.pending, 0);
	await (await client.request(GET)).discard();
	t.is(network.streams.length, 2);
});

/** A kept connection that dies as soon as the next request is written. What the client does depends on the request. */
const STALE: readonly (readonly [what: string, request: Partial<HttpRequest>, again: boolean])[] = [
	["GET", {}, true],
	["HEAD", { method: "HEAD" }, true],
	["GET with credentials", { credentials: [["X-PAYMENT", "p"]] }, false],
	["GET with credentials, replayable", { credentials: [["X-PAYMENT", "p"]], replayable: true }, true],
	["GET, not replayable", { replayable: false }, false],
	["GET with a body", { body: new Uint8Array(3) }, false],
	["POST", { method: "POST" }, false],
	["DELETE", { method: "DELETE" }, false],
	["POST with a body, replayable", { method: "POST", body: new Uint8Array(3), replayable: true }, true],
];

for (const [what, change, again] of STALE) {
	for (const reason of [undefined, "reset"]) {
		test(`${what} on a dead connection (${reason ?? "ended"}): ${again ? "again" : "an error"}`, async (t) => {
			const network = new FakeNetwork((stream, number) => {
				let requests = 0;
				stream.onWrite = () => {
					requests += stream.written.split("HTTP/1.1").length - 1 > requests ? 1 : 0;
					queueMicrotask(() => {
						if (number === 0 && requests === 2) stream.fail(reason);
						else if (stream.unread === 0) stream.receive(requests > 0 ? OK : "");
					});
				};
				stream.accept(10_000);
			});
			const { client, timer } = clientOn(network);
			await (await client.request(GET)).discard();
			const head = change.method === "HEAD";
			const outcome = await settled(client.request({ ...GET, ...change }));
			await settle();
			if (again) t.like(outcome, { status: 200, body: head ? "" : "ok" });
			else t.deepEqual(outcome, { error: "NoResponse", sent: true });
			t.is(network.streams.length, again ? 2 : 1);
			t.is(client.counters.requests, again ? 3 : 2);
			client.close();
			t.is(timer.pending, 0);
		});
	}
}

test("a dead connection is replaced once, and never after part of a response has arrived", async (t) => {
	const dying = new FakeNetwork((stream, number) => {
		stream.onWrite = () => {
			const requests = stream.written.split("HTTP/1.1").length - 1;
			if (number === 0 && requests === 1) queueMicrotask(() => stream.receive(OK));
			else queueMicrotask(() => stream.fail("reset"));
		};
		stream.accept(10_000);
	});
	const { client } = clientOn(dying);
	await (await client.request(GET)).discard();
	t.deepEqual(await settled(client.request(GET)), { error: "NoResponse", sent: true });
	t.is(dying.streams.length, 2);

	const partial = serving([[OK], ["HTTP/1.1 200"]], false);
	const { client: other } = clientOn(partial);
	await (await other.request(GET)).discard();
	const request = settled(other.request(GET));
	await settle();
	partial.streams[0]!.fail("reset");
	t.deepEqual(await request, { error: "HeadCut", sent: true });
	t.is(partial.streams.length, 1);
});

test("an error before the first byte says that nothing was sent: a refused connection, an invalid request", async (t) => {
	const { client, timer } = clientOn(new FakeNetwork((stream) => stream.fail("ECONNREFUSED")));
	t.deepEqual(await settled(client.request(GET)), { error: "ConnectFailed", sent: false });
	t.deepEqual(await settled(client.request({ ...GET, url: "nowhere" })), { error: "UrlMalformed", sent: false });
	t.deepEqual(await settled(client.request({ ...GET, method: "" })), { error: "MethodInvalid", sent: false });
	const stuck = clientOn(new FakeNetwork((stream) => stream.accept(0)));
	const request = settled(stuck.client.request(GET));
	await settle();
	stuck.network.streams[0]!.fail("reset");
	t.deepEqual(await request, { error: "NoResponse", sent: false });
	t.is(timer.pending, 0);
});

test("discard reads a short rest to keep the connection, and closes it for a long one", async (t) => {
	const respond = (length: number, head: string) => `HTTP/1.1 404 \r\n${head}\r\n${"x".repeat(length)}`;
	const chunked = (length: number) => `Transfer-Encoding: chunked\r\n\r\n${length.toString(16)}`;
	for (const [text, kept] of [
		[respond(4_096, "Content-Length: 4096\r\n"), true],
		[respond(4_097, "Content-Length: 4097\r\n"), false],
		[`${respond(4_096, chunked(4_096))}\r\n0\r\n\r\n`, true],
		[`${respond(9_000, chunked(9_000))}\r\n0\r\n\r\n`, false],
		[respond(10, ""), false],
		[respond(10, "Content-Length: 20\r\n"), undefined],
	] as const) {
		const network = serving([[text]]);
		const { client } = clientOn(network);
		const response = await client.request(GET);
		const done = response.discard();
		await settle();
		if (kept === undefined) network.streams[0]!.fail("reset");
		await done;
		t.is(network.open, kept ? 1 : 0, text.slice(0, 60));
		t.is(await response.read(), undefined);
	}
});

test("the client reads from the network only on demand, one piece at a time", async (t) => {
	const body = "x".repeat(10_000);
	const network = serving([[`HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n${body}`]]);
	const { client } = clientOn(network);
	const response = await client.request(GET);
	const [stream] = network.streams;
	await settle();
	t.is(stream!.reads, 1);
	let length = 0;
	for (let reads = 1; length < 10_000; reads++) {
		await settle();
		t.true(stream!.reads <= reads);
		const piece = await response.read();
		t.true(piece!.length <= 1_024);
		length += piece!.length;
	}
});
