import fs from "node:fs";
import https from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import test from "ava";
import { HttpClient } from "../../src/http/client.js";
import { settled } from "../http/support/exchange.js";
import { nodePort } from "./support/node_port.js";

/** A key that is no secret, and its certificate for localhost and 127.0.0.1, signed by itself. */
const pem = fs.readFileSync(path.join(import.meta.dirname, "support/localhost.pem"), "utf8");

const TRUST: readonly (readonly [host: string, ca: string | undefined, outcome: object])[] = [
	["localhost", pem, { status: 200, body: "GET localhost" }],
	["127.0.0.1", pem, { status: 200, body: "GET 127.0.0.1" }],
	["localhost", undefined, { error: "ConnectFailed", sent: false }],
	["127.0.0.2", pem, { error: "ConnectFailed", sent: false }],
];

for (const [host, ca, outcome] of TRUST) {
	test(`TLS to ${host} with a certificate ${ca ? "" : "not "}trusted ends with ${JSON.stringify(outcome)}`, async (t) => {
		const server = https.createServer({ key: pem, cert: pem }, (request, response) => {
			response.end(`${request.method} ${request.headers.host!.split(":")[0]}`);
		});
		await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
		const { connect, timer } = nodePort(t, { ca });
		const client = new HttpClient({ connect, timer });
		t.teardown(() => {
			client.close();
			server.closeAllConnections();
			server.close();
		});
		const url = `https://${host}:${(server.address() as AddressInfo).port}/`;
		t.like(await settled(client.request({ method: "GET", url })), outcome);
		if ("body" in outcome) t.like(await settled(client.request({ method: "GET", url })), outcome);
		t.is(client.counters.connections, 1);
	});
}

test("TLS to a plain server is ConnectFailed", async (t) => {
	const { createServer } = await import("node:http");
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.teardown(() => server.close());
	const { connect, timer } = nodePort(t);
	const client = new HttpClient({ connect, timer });
	const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
	t.deepEqual(await settled(client.request({ method: "GET", url })), { error: "ConnectFailed", sent: false });
});
