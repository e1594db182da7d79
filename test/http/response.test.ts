import test from "ava";
import type { HttpRequest } from "../../src/http/request.js";
import { GET, receive } from "./support/exchange.js";
import { cutAt } from "./support/fake_network.js";

const HEAD: HttpRequest = { ...GET, method: "HEAD" };

/** Well-formed responses, each with what is to come of it however it is split. */
const RESPONSES: readonly {
	readonly what: string;
	readonly text: string;
	readonly status?: number;
	readonly body: string;
	/** Whether the connection serves the next request. */
	readonly kept: boolean;
	/** Whether the server ends the connection after the response. */
	readonly end?: boolean;
	readonly request?: HttpRequest;
}[] = [
	{
		what: "a body of known length",
		text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello",
		body: "hello",
		kept: true,
	},
	{ what: "an empty body", text: "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", body: "", kept: true },
	{
		what: "a chunked body",
		text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00a\r\n, chunked!\r\n0\r\n\r\n",
		body: "hello, chunked!",
		kept: true,
	},
	{
		what: "chunks with extensions and trailers",
		text: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b;c="d\t e"\r\nabc\r\nD;x\r\n\r\n0\r\n\r\n123456\r\n000;last\r\nX-Sum: 1\r\nX-T: 2\r\n\r\n',
		body: "abc\r\n0\r\n\r\n123456",
		kept: true,
	},
	{
		what: "an empty chunked body",
		text: "HTTP/1.1 402 Payment Required\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		status: 402,
		body: "",
		kept: true,
	},
	{
		what: "a body that ends with the connection",
		text: "HTTP/1.1 200 OK\r\n\r\nuntil the end\r\n\r\n",
		body: "until the end\r\n\r\n",
		kept: false,
		end: true,
	},
	{
		what: "HTTP/1.0",
		text: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
		body: "hi",
		kept: false,
	},
	{
		what: "Connection: close",
		text: "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nhi",
		body: "hi",
		kept: false,
	},
	{
		what: "interim responses before the final one",
		text: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
		body: "!",
		kept: true,
	},
	{
		what: "204 without a body, whatever its headers say",
		text: "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
		status: 204,
		body: "",
		kept: true,
	},
	{
		what: "304 with the length of the body that it leaves out",
		text: "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n",
		status: 304,
		body: "",
		kept: true,
	},
	{
		what: "the answer to HEAD, with the length of a GET's",
		text: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
		body: "",
		kept: true,
		request: HEAD,
	},
	{
		what: "the answer to HEAD, with the coding of a GET's",
		text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
		body: "",
		kept: true,
		request: HEAD,
	},
	{ what: "no reason", text: "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", body: "", kept: true },
	{ what: "no reason and no space", text: "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", body: "", kept: true },
	{
		what: "a reason and a value in Latin-1",
		text: "HTTP/1.1 200 d\xe9j\xe0 vu\r\nX: \xe9\r\nContent-Length: 0\r\n\r\n",
		body: "",
		kept: true,
	},
];

for (const { what, text, status = 200, body, kept, end = false, request = GET } of RESPONSES) {
	const check = async (pieces: string[]) => {
		const outcome = await receive(pieces, { request, end });
		return (
			outcome.status === status &&
			outcome.body === body &&
			outcome.open === (kept ? 1 : 0) &&
			outcome.timers === (kept ? 1 : 0)
		);
	};

	test(`${what}: whole, split in two at every byte, and byte by byte`, async (t) => {
		t.true(await check([text]), "whole");
		for (let at = 1; at < text.length; at++) {
			t.true(await check(cutAt(text, at)), `split at ${at}`);
		}
		t.true(await check(text.split("")), "byte by byte");
	});
}

test("headers are found in any case, in order, trimmed, with duplicates", async (t) => {
	const fields =
		'A: 1\r\na:2 \r\nAB: x\r\nEmpty:\r\nB:\t "q, r" \t\r\nA:  3\r\nL: \xe9t\xe9\r\nU: \xc3\xa9\r\nContent-Length: 0\r\n';
	const { response } = await receive([`HTTP/1.1 200 OK\r\n${fields}\r\n`]);
	const headers = response!.headers;
	t.deepEqual(headers.getAll("a"), ["1", "2", "3"]);
	t.is(headers.get("A"), "1");
	t.is(headers.get("ab"), "x");
	t.is(headers.get("b"), '"q, r"');
	t.is(headers.get("empty"), "");
	t.is(headers.get("L"), "été");
	t.is(headers.get("U"), "Ã©");
	t.is(headers.get("missing"), undefined);
	t.deepEqual(headers.getAll("content"), []);
	t.is(headers.get("http/1.1 200 ok\r\na"), undefined);
});

test("a header of 12 KB, 64 header lines and long Latin-1 values are accepted", async (t) => {
	const payment = "p".repeat(12_000);
	const latin = "\xfc".repeat(1_000);
	const lines = Array.from({ length: 61 }, (_, i) => `X-${i}: ${i}\r\n`).join("");
	const head = `HTTP/1.1 402 \r\nPAYMENT-REQUIRED: ${payment}\r\nL: ${latin}\r\n${lines}Content-Length: 0\r\n\r\n`;
	const { response, status } = await receive([head]);
	t.is(status, 402);
	t.is(response!.headers.get("payment-required"), payment);
	t.is(response!.headers.get("l"), latin);
	t.is(response!.headers.get("x-60"), "60");
});
