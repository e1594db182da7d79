import test from "ava";
import type { HttpErrorName } from "../../src/http/errors.js";
import { clientOn, GET, receive, settled } from "./support/exchange.js";
import { cutAt, serving } from "./support/fake_network.js";
import { settle } from "./support/fake_timer.js";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

const REFUSED: readonly (readonly [what: string, response: string, name: HttpErrorName])[] = [
	// RFC 9112 §4
	["another protocol's greeting", "220 mail.example ESMTP\r\n\r\n", "StatusLineMalformed"],
	["an empty first line", "\r\nHTTP/1.1 200 OK\r\n\r\n", "StatusLineMalformed"],
	["a status line that ends with LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "StatusLineMalformed"],
	["only LF", "\n", "StatusLineMalformed"],
	["a lower-case protocol", "http/1.1 200 OK\r\n\r\n", "StatusLineMalformed"],
	["two spaces before the status", "HTTP/1.1  200 OK\r\n\r\n", "StatusLineMalformed"],
	["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "StatusLineMalformed"],
	["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", "StatusLineMalformed"],
	["a status that is no number", "HTTP/1.1 2x0 OK\r\n\r\n", "StatusLineMalformed"],
	["status 99", "HTTP/1.1 099 OK\r\n\r\n", "StatusLineMalformed"],
	["status 600", "HTTP/1.1 600 OK\r\n\r\n", "StatusLineMalformed"],
	["a CR in the reason", "HTTP/1.1 200 O\rK\r\n\r\n", "StatusLineMalformed"],
	["a NUL in the reason", "HTTP/1.1 200 O\0K\r\n\r\n", "StatusLineMalformed"],
	["no status", "HTTP/1.1\r\n\r\n", "StatusLineMalformed"],
	["HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", "VersionUnsupported"],
	["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", "VersionUnsupported"],
	["HTTP/0.9", "HTTP/0.9 200 OK\r\n\r\n", "VersionUnsupported"],
	// RFC 9112 §5
	["a folded line", `${OK}X: a\r\n b\r\n\r\n`, "HeaderFolded"],
	["a line folded with a tab", `${OK}X: a\r\n\tb\r\n\r\n`, "HeaderFolded"],
	["white space before the first header", `${OK} X: a\r\n\r\n`, "HeaderFolded"],
	["a header line that ends with LF", `${OK}X: a\nY: b\r\n\r\n`, "HeaderMalformed"],
	["white space before the colon", `${OK}Content-Length : 5\r\n\r\nhello`, "HeaderMalformed"],
	["no colon", `${OK}Content-Length\r\n\r\n`, "HeaderMalformed"],
	["no name", `${OK}: x\r\n\r\n`, "HeaderMalformed"],
	["a name that is no token", `${OK}X(y): x\r\n\r\n`, "HeaderMalformed"],
	["a name beyond ASCII", `${OK}X\xe9: x\r\n\r\n`, "HeaderMalformed"],
	["a CR in a value", `${OK}X: a\rb\r\n\r\n`, "HeaderMalformed"],
	["a NUL in a value", `${OK}X: a\0b\r\n\r\n`, "HeaderMalformed"],
	["a DEL in a value", `${OK}X: a\x7fb\r\n\r\n`, "HeaderMalformed"],
	["a head that ends with CR CR LF", `${OK}X: a\r\n\r\r\n`, "HeaderMalformed"],
	// Bombs
	["a head of more than 16 KB", `${OK}X: ${"a".repeat(16_384)}\r\n\r\n`, "HeadTooLarge"],
	["a head without an end", "H".repeat(20_000), "HeadTooLarge"],
	["a reason of 16 KB", `HTTP/1.1 200 ${"a".repeat(16_384)}\r\n\r\n`, "HeadTooLarge"],
	["65 header lines", `${OK}${"X: a\r\n".repeat(65)}\r\n`, "TooManyHeaders"],
	["interim responses without end", "HTTP/1.1 102 Processing\r\n\r\n".repeat(1_000), "HeadTooLarge"],
	["headers of interim responses", `HTTP/1.1 103 Hints\r\n${"L: a\r\n".repeat(33)}\r\n`.repeat(2), "TooManyHeaders"],
	// RFC 9110 §15.2.2
	[
		"an upgrade that was not requested",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
		"UpgradeUnexpected",
	],
	// RFC 9112 §6: two ways to read it
	["two equal lengths", `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, "ContentLengthRepeated"],
	["two lengths", `${OK}Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello`, "ContentLengthRepeated"],
	["a list of lengths", `${OK}Content-Length: 5, 5\r\n\r\nhello`, "ContentLengthInvalid"],
	["an empty length", `${OK}Content-Length:\r\n\r\n`, "ContentLengthInvalid"],
	["a length with a sign", `${OK}Content-Length: +5\r\n\r\nhello`, "ContentLengthInvalid"],
	["a negative length", `${OK}Content-Length: -5\r\n\r\nhello`, "ContentLengthInvalid"],
	["a length in hex", `${OK}Content-Length: 0x5\r\n\r\nhello`, "ContentLengthInvalid"],
	["a length with a point", `${OK}Content-Length: 5.0\r\n\r\nhello`, "ContentLengthInvalid"],
	["a length of 16 digits", `${OK}Content-Length: 0000000000000005\r\n\r\nhello`, "ContentLengthInvalid"],
	["a length beyond ASCII digits", `${OK}Content-Length: \xb2\r\n\r\nhe`, "ContentLengthInvalid"],
	["a bad length on 204", "HTTP/1.1 204 No\r\nContent-Length: x\r\n\r\n", "ContentLengthInvalid"],
	[
		"a length and a coding",
		`${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
		"FramingAmbiguous",
	],
	["a coding in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "FramingAmbiguous"],
	[
		"two codings in two lines",
		`${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
		"TransferCodingUnsupported",
	],
	["two codings in one line", `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`, "TransferCodingUnsupported"],
	["the coding identity", `${OK}Transfer-Encoding: identity\r\n\r\n`, "TransferCodingUnsupported"],
	["almost chunked", `${OK}Transfer-Encoding: xchunked\r\n\r\n`, "TransferCodingUnsupported"],
	["an empty coding", `${OK}Transfer-Encoding:\r\n\r\n`, "TransferCodingUnsupported"],
	// RFC 9112 §7.1
	["a chunk without a size", `${CHUNKED}\r\nhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk's size that is not hex", `${CHUNKED}g\r\n`, "ChunkMalformed"],
	["a chunk's size with a sign", `${CHUNKED}-5\r\n`, "ChunkMalformed"],
	["a chunk's size with 0x", `${CHUNKED}0x5\r\nhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk's size after a space", `${CHUNKED} 5\r\nhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk's size before a space", `${CHUNKED}5 \r\nhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk's size of 14 digits", `${CHUNKED}00000000000005\r\nhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk's line that ends with LF", `${CHUNKED}5\nhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk's line that ends with CR", `${CHUNKED}5\rhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk's line that ends with CR and something else", `${CHUNKED}5\rXhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk that is longer than it says", `${CHUNKED}5\r\nhello!\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a chunk that ends with LF", `${CHUNKED}5\r\nhello\n0\r\n\r\n`, "ChunkMalformed"],
	["an extension without a size", `${CHUNKED};a\r\n`, "ChunkMalformed"],
	["an LF in an extension", `${CHUNKED}5;a\nb\r\nhello\r\n0\r\n\r\n`, "ChunkMalformed"],
	["a NUL in a trailer", `${CHUNKED}0\r\nX: \0\r\n\r\n`, "ChunkMalformed"],
	["an extension of 17 KB", `${CHUNKED}5;${"a".repeat(17_000)}\r\nhello\r\n0\r\n\r\n`, "ChunkExtensionTooLong"],
	["an extension without end", `${CHUNKED}5;${"a".repeat(90_000)}`, "ChunkExtensionTooLong"],
	["trailers of 17 KB", `${CHUNKED}0\r\n${`X: ${"a".repeat(97)}\r\n`.repeat(170)}\r\n`, "TrailersTooLarge"],
];

for (const [what, text, name] of REFUSED) {
	test(`${what}: ${name}`, async (t) => {
		const pieces = text.length < 1_000 ? text.split("") : cutAt(text, 1, 700, text.length - 1);
		for (const split of [[text], pieces]) {
			t.like(await receive(split), { error: name, sent: true, open: 0, timers: 0 });
		}
	});
}

const CUT: readonly (readonly [what: string, response: string])[] = [
	["a body of known length", `${OK}Content-Length: 12\r\n\r\nhello, world`],
	["a chunked body", `${CHUNKED}5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nX-Trailer: z\r\n\r\n`],
];

for (const [what, text] of CUT) {
	for (const how of ["ended", "broken"] as const) {
		test(`${what}, ${how} at every byte`, async (t) => {
			const head = text.indexOf("\r\n\r\n") + 4;
			for (let at = 0; at < text.length; at++) {
				const network = serving([[text.slice(0, at)]], how === "ended");
				const { client, timer } = clientOn(network);
				const request = settled(client.request({ ...GET, replayable: false }));
				await settle();
				if (how === "broken" || at === 0) network.streams[0]!.fail(how === "broken" ? "reset" : undefined);
				const error = at === 0 ? "NoResponse" : at < head ? "HeadCut" : "BodyCut";
				t.like(await request, { error, sent: true }, `${at} bytes`);
				t.is(network.open, 0);
				t.is(timer.pending, 0);
			}
		});
	}
}

test("a body delimited by the connection's end is BodyCut when the connection fails", async (t) => {
	const { client, network } = clientOn(serving([[`${OK}\r\nhalf`]]));
	const request = settled(client.request(GET));
	await settle();
	network.streams[0]!.fail("reset");
	t.like(await request, { error: "BodyCut", sent: true });
});

test("a body above the reader's limit is refused, before it is read if its length is known", async (t) => {
	for (const head of ["Content-Length: 11\r\n", "Transfer-Encoding: chunked\r\n", ""]) {
		const body = head.startsWith("T") ? "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n" : "hello world";
		for (const pieces of [[`${OK}${head}\r\n${body}`], `${OK}${head}\r\n${body}`.split("")]) {
			const { client, network } = clientOn(serving([pieces, pieces], true));
			const response = await client.request(GET);
			const error = await t.throwsAsync(response.bytes(10));
			t.is(error?.name, "BodyTooLarge");
			t.is(await response.read(), undefined);
			await settle();
			t.is(network.open, 0);
			const whole = await client.request(GET);
			t.is(await whole.text(11), "hello world");
		}
	}
});

test("a Content-Length above the reader's limit is refused unread", async (t) => {
	const { client, network } = clientOn(serving([[`${OK}Content-Length: 999999999999999\r\n\r\n`, "x".repeat(99)]]));
	const response = await client.request(GET);
	t.is((await t.throwsAsync(response.bytes(10)))?.name, "BodyTooLarge");
	t.is(network.streams[0]!.reads, 1);
	t.true(network.streams[0]!.closed);
});

test("a body that is not UTF-8 is refused as text", async (t) => {
	const { client } = clientOn(serving([[`${OK}Content-Length: 2\r\n\r\n\xc3\x28`]]));
	const response = await client.request(GET);
	const error = await t.throwsAsync(response.text(10));
	t.like(error, { name: "BodyNotUtf8", sent: true });
});

test("headBytes sets the largest accepted head", async (t) => {
	const text = `${OK}X: ${"a".repeat(20_000)}\r\nContent-Length: 0\r\n\r\n`;
	const exact = { headBytes: text.length };
	t.like(await receive([text], { limits: exact, end: false }), { status: 200, open: 1 });
	t.like(await receive([text], { limits: { headBytes: text.length - 1 } }), { error: "HeadTooLarge", open: 0 });
});
