/** The same client on XS, with the memory of the smallest board. */
import http from "node:http";
import net from "node:net";
import { buildXs } from "../../tools/xs/build.js";
import { listen, runProgram, xsTest } from "../xs/device.js";

const program = { entry: "test/http/support/purchase_on_xs.ts" };

xsTest(
	"on XS: a 402 and its retry use one connection, with headers of 9 KB in both directions and a body of 64 KB",
	async (t) => {
		const build = await buildXs(program);
		const body = Buffer.from(Array.from({ length: 65_536 }, (_, i) => i * 7));
		const server = http.createServer((request, response) => {
			if (request.headers["payment-signature"]?.length === 9_000) {
				response.write(body.subarray(0, 30_000));
				response.end(body.subarray(30_000));
			} else {
				response.writeHead(402, { "PAYMENT-REQUIRED": "r".repeat(9_000), "Content-Type": "application/json" });
				response.end("{}");
			}
		});
		const url = `http://127.0.0.1:${await listen(t, server)}/`;
		const { result, events } = await runProgram(t, "", { url, headerBytes: 9_000 }, { build });
		t.like(events[0], {
			terms: 9_000,
			statuses: [402, 200],
			length: body.length,
			sum: body.reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 0),
			connections: 1,
			requests: 2,
		});
		t.log(`peak ${result.heap.peak} of ${result.heap.limit} bytes, meter ${result.meter}`);
		t.is(result.exitCode, 0);
	},
);

const ODD: readonly (readonly [what: string, response: string, outcome: object])[] = [
	["a status line of another protocol", "SSH-2.0-OpenSSH_9.2\r\n", { error: "StatusLineMalformed", sent: true }],
	["a header bomb", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(90)}\r\n`, { error: "TooManyHeaders", sent: true }],
	["a head of 20 KB", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(20_000)}\r\n\r\n`, { error: "HeadTooLarge", sent: true }],
	["a cut body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nhalf", { error: "BodyCut" }],
	["no response", "", { error: "NoResponse", sent: true }],
];

for (const [what, response, outcome] of ODD) {
	xsTest(`on XS: ${what}`, async (t) => {
		const build = await buildXs(program);
		const server = net.createServer((socket) => {
			socket.on("error", () => {});
			socket.once("data", () => socket.end(Buffer.from(response, "latin1")));
		});
		const url = `http://127.0.0.1:${await listen(t, server)}/`;
		const { result, events } = await runProgram(t, "", { url, headerBytes: 10 }, { build });
		t.is(result.exitCode, 0);
		t.like(events[0], outcome);
	});
}
