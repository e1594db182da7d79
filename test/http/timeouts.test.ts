import test from "ava";
import type { HttpLimits } from "../../src/http/limits.js";
import { clientOn, GET, settled } from "./support/exchange.js";
import { FakeNetwork, type FakeStream, serving } from "./support/fake_network.js";
import { settle } from "./support/fake_timer.js";

const OK = "HTTP/1.1 200 OK\r\n";
/** Far apart, so that a test sees which one it was. */
const LIMITS: Partial<HttpLimits> = {
	connectTimeout: 1_000,
	headerTimeout: 3_000,
	idleTimeout: 2_000,
	exchangeTimeout: 60_000,
	keepTime: 500,
};
const POST = { ...GET, method: "POST", body: new Uint8Array(5_000) };

/** Servers that hang, each with the wait that ends it. */
const HANGING: readonly {
	readonly what: string;
	readonly error: string;
	readonly after: number;
	readonly sent: boolean;
	readonly serve: (stream: FakeStream) => void;
	readonly request?: typeof GET;
}[] = [
	{ what: "never connects", error: "ConnectTimeout", after: 1_000, sent: false, serve: () => {} },
	{
		what: "takes no bytes",
		error: "IdleTimeout",
		after: 2_000,
		sent: false,
		serve: (stream) => stream.accept(0),
	},
	{
		what: "takes some bytes of the request",
		error: "IdleTimeout",
		after: 2_000,
		sent: true,
		serve: (stream) => stream.accept(3_000),
		request: POST,
	},
	{ what: "never answers", error: "HeaderTimeout", after: 3_000, sent: true, serve: (stream) => stream.accept(9_000) },
	{
		what: "stops within the head",
		error: "HeaderTimeout",
		after: 3_000,
		sent: true,
		serve: (stream) => {
			stream.onWrite = () => stream.receive(`${OK}X: `);
			stream.accept(9_000);
		},
	},
	{
		what: "stops within the body",
		error: "IdleTimeout",
		after: 2_000,
		sent: true,
		serve: (stream) => {
			stream.onWrite = () => stream.receive(`${OK}Content-Length: 5\r\n\r\nhell`);
			stream.accept(9_000);
		},
	},
	{
		what: "stops within a chunk's size",
		error: "IdleTimeout",
		after: 2_000,
		sent: true,
		serve: (stream) => {
			stream.onWrite = () => stream.receive(`${OK}Transfer-Encoding: chunked\r\n\r\n5`);
			stream.accept(9_000);
		},
	},
];

for (const { what, error, after, sent, serve, request = GET } of HANGING) {
	test(`a server that ${what}: ${error}`, async (t) => {
		const { client, timer, network } = clientOn(new FakeNetwork(serve), LIMITS);
		let outcome: object | undefined;
		settled(client.request(request)).then((result) => {
			outcome = result;
		});
		await timer.advance(after - 1);
		t.is(outcome, undefined);
		t.is(network.open, 1);
		await timer.advance(1);
		t.deepEqual(outcome, { error, sent });
		t.is(network.open, 0);
		t.is(timer.pending, 0);
	});
}

test("a head that arrives byte by byte still ends in HeaderTimeout", async (t) => {
	const { client, timer, network } = clientOn(serving([[]]), LIMITS);
	const request = settled(client.request(GET));
	for (let at = 0; at < 29; at++) {
		await timer.advance(100);
		network.streams[0]!.receive("H"); // not yet a malformed line
	}
	t.is(network.open, 1);
	await timer.advance(100);
	t.like(await request, { error: "HeaderTimeout", sent: true });
});

test("a body that arrives byte by byte ends in ExchangeTimeout", async (t) => {
	const { client, timer, network } = clientOn(serving([[`${OK}Content-Length: 1000\r\n\r\n`]]), LIMITS);
	const request = settled(client.request(GET));
	for (let at = 0; at < 59; at++) {
		await timer.advance(1_000);
		network.streams[0]!.receive("x");
	}
	t.is(network.open, 1);
	await timer.advance(1_000);
	t.deepEqual(await request, { error: "ExchangeTimeout", sent: true });
	t.is(network.open, 0);
	t.is(timer.pending, 0);
});

test("a slow reader does not cause IdleTimeout, but ExchangeTimeout still applies", async (t) => {
	const { client, timer, network } = clientOn(serving([[`${OK}Content-Length: 5\r\n\r\nhello`]]), LIMITS);
	const response = await client.request(GET);
	await timer.advance(30_000);
	t.is(network.open, 1);
	await timer.advance(30_000);
	t.is(network.open, 0);
	t.like(await t.throwsAsync(response.read()), { name: "ExchangeTimeout", sent: true });
	t.is(timer.pending, 0);
});

test("ExchangeTimeout covers redirects", async (t) => {
	const moved = "HTTP/1.1 307 \r\nLocation: /again\r\nContent-Length: 0\r\n\r\n";
	const { client, timer, network } = clientOn(serving(Array(40).fill([])), LIMITS);
	const redirects = { limit: 40, allowed: () => false };
	const request = settled(client.request({ ...GET, redirects }));
	for (let n = 0; n < 29; n++) {
		await timer.advance(2_000);
		network.streams[0]!.receive(moved);
	}
	t.is(network.open, 1);
	await timer.advance(2_000);
	t.deepEqual(await request, { error: "ExchangeTimeout", sent: true });
});

test("an idle connection is closed after keepTime", async (t) => {
	const { client, timer, network } = clientOn(serving([[`${OK}Content-Length: 0\r\n\r\n`]]), LIMITS);
	await client.request(GET);
	await timer.advance(499);
	t.is(network.open, 1);
	await timer.advance(1);
	t.is(network.open, 0);
	t.is(timer.pending, 0);
});

test("closing the client ends exchanges in progress and closes idle connections", async (t) => {
	const network = serving([[`${OK}Content-Length: 0\r\n\r\n`], [`${OK}Content-Length: 9\r\n\r\n`], []]);
	const { client, timer } = clientOn(network, LIMITS);
	await client.request(GET);
	const half = await client.request({ ...GET, url: "http://b.test/" });
	const waiting = settled(client.request({ ...GET, url: "http://c.test/" }));
	await settle();
	t.is(network.open, 3);
	client.close();
	t.is(network.open, 0);
	t.deepEqual(await waiting, { error: "ClientClosed", sent: true });
	t.like(await t.throwsAsync(half.read()), { name: "ClientClosed", sent: true });
	t.is(timer.pending, 0);
});
