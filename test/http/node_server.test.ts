import http from "node:http";
import net, { type AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { HttpClient } from "../../src/http/client.js";
import { nodePort } from "../hal/support/node_port.js";
import { settled } from "./support/exchange.js";

/** Starts a server of `node:http`, and makes a client; both are gone when the test ends. */
async function world(t: ExecutionContext, answer: http.RequestListener, host = "127.0.0.1") {
	const server = http.createServer(answer);
	let connections = 0;
	server.on("connection", () => connections++);
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	const { connect, timer } = nodePort(t);
	const client = new HttpClient({ connect, timer });
	t.teardown(() => {
		client.close();
		server.closeAllConnections();
		server.close();
	});
	const { port } = server.address() as AddressInfo;
	const origin = host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`;
	return { client, origin, server, connections: () => connections };
}

async function bodyOf(request: http.IncomingMessage): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for await (const piece of request) pieces.push(piece as Buffer);
	return Buffer.concat(pieces);
}

for (const host of ["127.0.0.1", "::1"]) {
	test(`a server receives method, path, Host, headers and body on ${host}`, async (t) => {
		const { client, origin } = await world(
			t,
			async (request, response) => {
				const body = (await bodyOf(request)).toString();
				response.end(JSON.stringify([request.method, request.url, request.headers, body]));
			},
			host,
		);
		const response = await client.request({
			method: "PUT",
			url: `${origin}/a?b=c`,
			headers: [["X-A", "1"]],
			credentials: [["X-PAYMENT", "2"]],
			body: new TextEncoder().encode("hello"),
		});
		t.deepEqual(JSON.parse(await response.text(1_000)), [
			"PUT",
			"/a?b=c",
			{
				host: origin.slice("http://".length),
				"accept-encoding": "identity",
				"user-agent": "micropayer/0.1.0",
				accept: "*/*",
				"content-length": "5",
				"x-a": "1",
				"x-payment": "2",
			},
			"hello",
		]);
	});
}

test("twenty requests, with and without bodies, use one connection", async (t) => {
	const { client, origin, connections } = await world(t, async (request, response) => {
		const body = await bodyOf(request);
		if (body.length % 2 === 0) response.setHeader("Content-Length", body.length);
		response.end(body);
	});
	for (let length = 0; length < 20; length++) {
		const response = await client.request({ method: "POST", url: origin, body: new Uint8Array(length * 501) });
		t.is((await response.bytes(10_000)).length, length * 501);
	}
	t.is(connections(), 1);
	t.is(client.counters.connections, 1);
	t.is(client.counters.requests, 20);
});

test("a megabyte streams in both directions in pieces of about 1 KB", async (t) => {
	const length = 1_000_000;
	const at = (i: number) => (i * 7) & 0xff;
	const body = Uint8Array.from({ length }, (_, i) => at(i));
	const large = await world(t, (_request, response) => {
		response.end(Buffer.from(body));
	});
	const download = await large.client.request({ method: "GET", url: large.origin });
	let read = 0;
	for (let piece = await download.read(); piece !== undefined; piece = await download.read()) {
		if (piece.length > 1_024 || piece.some((byte, i) => byte !== at(read + i))) t.fail(`wrong at ${read}`);
		read += piece.length;
	}
	t.is(read, length);

	const upload = await world(t, async (request, response) => {
		const bytes = await bodyOf(request);
		response.end(String(bytes.length === length && bytes.every((byte, i) => byte === at(i))));
	});
	t.is(await (await upload.client.request({ method: "POST", url: upload.origin, body })).text(10), "true");
});

test("the connection is reusable after HEAD, 204, 304, an interim response and trailers", async (t) => {
	const { client, origin, connections } = await world(t, (request, response) => {
		const status = Number(request.url!.slice(1));
		response.writeEarlyHints({ link: "</style.css>; rel=preload" });
		const whole = status === 200 && request.method === "GET";
		response.writeHead(status, whole ? { "Transfer-Encoding": "chunked", Trailer: "X-Sum" } : {});
		if (whole) response.addTrailers({ "X-Sum": "1" });
		response.end(whole ? "body" : undefined);
	});
	for (const [method, status, body] of [
		["HEAD", 200, ""],
		["GET", 204, ""],
		["GET", 304, ""],
		["GET", 200, "body"],
		["GET", 404, ""],
	] as const) {
		const response = await client.request({ method, url: `${origin}/${status}` });
		t.is(response.status, status);
		t.is(await response.text(10), body);
	}
	t.is(connections(), 1);
});

test("a header of 10 KB passes in both directions", async (t) => {
	const { client, origin } = await world(t, (request, response) => {
		response.setHeader("PAYMENT-REQUIRED", request.headers["x-payment"]!);
		response.statusCode = 402;
		response.end();
	});
	const value = "x".repeat(10_000);
	const response = await client.request({ method: "GET", url: origin, credentials: [["X-PAYMENT", value]] });
	t.is(response.status, 402);
	t.is(response.headers.get("payment-required"), value);
});

test("redirects are followed on one connection, and to another port if allowed", async (t) => {
	const other = await world(t, (request, response) => {
		response.end(`${request.method} ${request.url}`);
	});
	const { client, origin, connections } = await world(t, (request, response) => {
		const location = request.url === "/a" ? "b" : `${other.origin}/c`;
		response.writeHead(request.url === "/a" ? 307 : 303, { Location: location });
		response.end("elsewhere");
	});
	const redirects = { limit: 2, allowed: () => true };
	const response = await client.request({ method: "GET", url: `${origin}/a`, redirects });
	t.is(await response.text(10), "GET /c");
	t.is(response.url.href, `${other.origin}/c`);
	t.is(connections(), 1);
});

test("a server that disconnects before, within and after the head is a named error", async (t) => {
	const { client, origin } = await world(t, (request, response) => {
		if (request.url === "/body") {
			response.writeHead(200, { "Content-Length": 10 });
			response.write("half");
			setImmediate(() => request.socket.end());
		} else if (request.url === "/head") request.socket.end("HTTP/1.1 200 OK\r\nX:");
		else request.socket.destroy();
	});
	for (const [path, error] of [
		["/body", "BodyCut"],
		["/head", "HeadCut"],
		["/", "NoResponse"],
	]) {
		t.deepEqual(await settled(client.request({ method: "GET", url: origin + path! })), { error, sent: true });
	}
});

test("unread bytes are delivered before a connection reset is reported", async (t) => {
	const server = net.createServer((socket) => {
		socket.on("data", () => {
			socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", () => socket.resetAndDestroy());
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.teardown(() => server.close());
	const { connect, timer } = nodePort(t);
	const client = new HttpClient({ connect, timer });
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	t.deepEqual(await settled(client.request({ method: "GET", url })), { error: "BodyCut", sent: true });
});

test("a closed port gives ConnectFailed, with nothing sent", async (t) => {
	const server = net.createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	const { connect, timer } = nodePort(t);
	const client = new HttpClient({ connect, timer });
	const outcome = await settled(client.request({ method: "GET", url: `http://127.0.0.1:${port}/` }));
	t.deepEqual(outcome, { error: "ConnectFailed", sent: false });
});
