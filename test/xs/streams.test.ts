/** Streams over the link: order, windows, ends, TLS and time-outs. */
import net from "node:net";
import tls from "node:tls";
import type { ExecutionContext } from "ava";
import { EXIT, type XsRunOptions } from "../../tools/xs/run.js";
import { CERTIFICATE, KEY } from "./certificate.js";
import { listen, runProgram, xsTest } from "./device.js";

const WINDOW = 2048;
const MEGABYTE = 1 << 20;

/** Bytes with a pattern, and the sum that the program computes of them. */
function pattern(length: number): { bytes: Buffer; sum: number } {
	const bytes = Buffer.alloc(length);
	let sum = 0;
	for (let i = 0; i < length; i++) {
		bytes[i] = i * 7;
		sum = (Math.imul(sum, 31) + bytes[i]!) >>> 0;
	}
	return { bytes, sum };
}

async function talk(t: ExecutionContext, script: object, options: Partial<XsRunOptions> = {}) {
	const { result, events } = await runProgram(t, "streams", { host: "127.0.0.1", ...script }, options);
	return { result, events, end: events.find(({ event }) => event === "end") };
}

/** A server that sends `bytes` at once and ends. */
const sender = (bytes: Buffer) => net.createServer((socket) => socket.on("error", () => {}).end(bytes));

xsTest("a body of 1 MB comes through a window of 2 kB", async (t) => {
	const { bytes, sum } = pattern(MEGABYTE);
	const port = await listen(t, sender(bytes));
	const { result, end } = await talk(t, { port });
	t.is(result.exitCode, EXIT.done);
	t.like(end, { reason: "", received: MEGABYTE, sum });
	t.true(Number(end!.most) <= WINDOW);
	t.true(result.heap.peak < result.heap.limit / 2);
});

xsTest("a slow reader gets every byte, and holds the server back", async (t) => {
	const { bytes, sum } = pattern(64 << 10);
	const port = await listen(t, sender(bytes));
	const { end } = await talk(t, { port, piece: 700 });
	t.like(end, { reason: "", received: bytes.length, sum });
});

xsTest("1 MB is sent, never more at a time than was announced", async (t) => {
	const { bytes } = pattern(MEGABYTE);
	let received = Buffer.alloc(0);
	const parts: Buffer[] = [];
	const server = net.createServer((socket) => {
		socket.on("error", () => {});
		socket.on("data", (part) => {
			parts.push(part);
			if (parts.reduce((length, { length: more }) => length + more, 0) === MEGABYTE) socket.end();
		});
	});
	const { end } = await talk(t, { port: await listen(t, server), send: MEGABYTE });
	received = Buffer.concat(parts);
	t.like(end, { reason: "", sent: MEGABYTE });
	t.true(received.equals(bytes));
});

xsTest("a write of more than was announced throws, and sends nothing", async (t) => {
	let received = 0;
	const server = net.createServer((socket) => {
		socket.on("data", ({ length }) => {
			received += length;
		});
		setImmediate(() => socket.end());
	});
	const { events } = await talk(t, { port: await listen(t, server), overrun: true });
	t.like(events[0], { event: "overrun", refused: "RangeError" });
	t.is(received, 0);
});

xsTest("failures are reported by onError, with a reason", async (t) => {
	const closed = net.createServer();
	const port = await listen(t, closed);
	closed.close();
	t.regex(String((await talk(t, { port })).end!.reason), /ECONNREFUSED/);
	const resetting = net.createServer((socket) => socket.resetAndDestroy());
	t.regex(
		String((await talk(t, { port: await listen(t, resetting), send: 1 })).end!.reason),
		/ECONNRESET|EPIPE|closed/,
	);
	t.regex(String((await talk(t, { port, host: "no-such-host.invalid" })).end!.reason), /ENOTFOUND|EAI_AGAIN/);
});

xsTest("four streams at a time; a fifth is refused", async (t) => {
	const { bytes, sum } = pattern(10_000);
	const { events } = await talk(t, { port: await listen(t, sender(bytes)), times: 5 });
	const ends = events.filter(({ event }) => event === "end");
	t.is(ends.length, 5);
	const fifth = ends.find(({ index }) => index === 4)!;
	t.is(fifth.reason, "no socket is free: at most 4 at a time");
	for (const end of ends) if (end !== fifth) t.like(end, { reason: "", received: 10_000, sum });
});

xsTest("a timer gives up on a server that never answers", async (t) => {
	const silent = net.createServer((socket) => void socket.on("error", () => {}).resume());
	const { result, events } = await talk(t, { port: await listen(t, silent), giveUp: 50 });
	t.is(result.exitCode, EXIT.done);
	t.deepEqual(events, [{ event: "closed", index: 0, refused: "Error" }]);
});

xsTest("timers fire in order, not early, and not when cleared", async (t) => {
	const { result, events } = await runProgram(t, "timers", {});
	t.deepEqual(
		events.map(({ name }) => name),
		["a", "b", "b again", "c", "nested"],
	);
	t.true(events.every(({ early }) => early === false));
	t.is(result.operations, 6);
});

xsTest("TLS checks the certificate against the trusted ones and against the host", async (t) => {
	const { bytes, sum } = pattern(100_000);
	const server = tls.createServer({ cert: CERTIFICATE, key: KEY }, (socket) => {
		socket.on("error", () => {}).end(bytes);
	});
	const port = await listen(t, server);
	const trusted = await talk(t, { port, host: "localhost", secure: true, send: 10 }, { ca: CERTIFICATE });
	t.like(trusted.end, { reason: "", received: bytes.length, sum });
	const untrusted = await talk(t, { port, host: "localhost", secure: true });
	t.regex(String(untrusted.end!.reason), /self-signed certificate/);
	t.is(untrusted.end!.received, 0);
	const elsewhere = await talk(t, { port, host: "127.0.0.1", secure: true }, { ca: CERTIFICATE });
	t.regex(String(elsewhere.end!.reason), /does not match|altnames/i);
	t.is(elsewhere.end!.received, 0);
});
