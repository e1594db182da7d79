/** The raw seller sends the bytes it was told to, and tells what it got. */
import { once } from "node:events";
import { connect } from "node:net";
import test from "ava";
import { httpAnswer, startRawSeller, termsAnswer } from "./raw_seller.js";

test("the raw seller sends the given bytes, and records requests and payments", async (t) => {
	const seller = await startRawSeller(() => termsAnswer({ x402Version: 2 }));
	t.teardown(seller.stop);
	const first = await fetch(`${seller.url}/a`, { method: "POST", body: "posted" });
	t.is(first.status, 402);
	t.is(first.headers.get("payment-required"), "eyJ4NDAyVmVyc2lvbiI6Mn0=");
	await first.text();

	seller.answer = ({ path }) => httpAnswer("200 OK", { "X-Path": path }, "body");
	const second = await fetch(`${seller.url}/b`, { headers: { "PAYMENT-SIGNATURE": "e30=" } });
	t.is(second.headers.get("x-path"), "/b");
	t.is(await second.text(), "body");

	t.deepEqual(
		seller.requests.map(({ method, path, body }) => [method, path, body.toString()]),
		[
			["POST", "/a", "posted"],
			["GET", "/b", ""],
		],
	);
	t.deepEqual(
		seller.payments().map(({ path }) => path),
		["/b"],
	);
});

test("the raw seller sends bytes that are no HTTP, and a truncated body", async (t) => {
	const seller = await startRawSeller(() => ({ bytes: "nonsense", close: true }));
	t.teardown(seller.stop);
	await t.throwsAsync(fetch(seller.url));
	seller.answer = () => ({ bytes: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", close: true });
	const cut = await fetch(seller.url);
	t.is(cut.status, 200);
	await t.throwsAsync(cut.text());
	t.is(seller.requests.length, 2);
});

test("the raw seller separates requests that arrive split or pipelined, and records their connection", async (t) => {
	const seller = await startRawSeller(() => httpAnswer("200 OK", {}));
	t.teardown(seller.stop);
	const chunked = "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
	const bytes = `${chunked}GET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\n\r\n`;
	for (const cut of [bytes.length, chunked.length - 3, chunked.length + 5]) {
		seller.requests.length = 0;
		const socket = connect(Number(new URL(seller.url).port), "127.0.0.1").setNoDelay();
		socket.write(bytes.slice(0, cut), () => setImmediate(() => socket.write(bytes.slice(cut))));
		let answered = "";
		while (answered.split("200 OK").length < 4) answered += (await once(socket, "data"))[0];
		socket.destroy();
		t.deepEqual(
			seller.requests.map(({ path, connection }) => [path, connection]),
			["/1", "/2", "/3"].map((path) => [path, seller.requests[0]!.connection]),
		);
	}
});
