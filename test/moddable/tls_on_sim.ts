/** TLS in the simulator: good servers are bought from, and every other ends in an error with its name. */
import assert from "node:assert/strict";
import type { SimulatorBuild } from "../../tools/moddable/simulator.js";
import type { World } from "../../tools/world/world.js";
import { configure } from "../world/configuration.js";
import type { Check } from "./check.js";
import { Device } from "./device.js";
import type { Certified, Pki } from "./pki.js";
import { LIES, startLiar, startTlsProxy, type TlsServer } from "./tls_servers.js";

export function tlsChecks(build: SimulatorBuild, world: World, pki: Pki): Check[] {
	const refuses = (name: string, error: string, start: () => Promise<TlsServer>): Check => ({
		name: `TLS: ${name} is refused`,
		run: () => refused(build, world, pki, error, start),
	});
	const proxy = (certified: Certified, options = {}) => startTlsProxy(world.seller.url, certified, options);
	const good = pki.good;
	const first = Object.values(good)[0]!;
	return [
		...Object.entries(good).map(([name, certified]) => ({
			name: `TLS: a purchase from a server, ${name}`,
			run: () => bought(build, world, pki.ca, certified, name === "by its address" ? "127.0.0.1" : "localhost"),
		})),
		{ name: "TLS: a purchase, the root given in DER", run: () => bought(build, world, pki.caDer, first, "localhost") },
		refuses("an unknown authority", "TlsUnknownAuthority", () => proxy(pki.unknownAuthority)),
		refuses("a certificate for another name", "TlsWrongName", () => proxy(pki.wrongName)),
		refuses("a server that ends the handshake by an alert", "TlsAlert", () =>
			proxy(first, { maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" }),
		),
		refuses("a server of TLS 1.3 alone", "TlsVersion", () => proxy(first, { minVersion: "TLSv1.3" })),
		refuses("an expired certificate", "TlsCertificateDates", () => proxy(pki.expired)),
		refuses("a client's certificate", "TlsCertificatePurpose", () => proxy(pki.forClients)),
		refuses("a forged certificate beside a true authority's", "TlsUnknownAuthority", () =>
			proxy(pki.forgedBesideTrueAuthority),
		),
		refuses("a certificate that a server signed", "TlsUnknownAuthority", () => proxy(pki.signedByServer)),
		refuses("a path longer than its authority allows", "TlsUnknownAuthority", () => proxy(pki.pathTooLong)),
		refuses("a certificate by an authority for clients", "TlsUnknownAuthority", () => proxy(pki.byAuthorityForClients)),
		refuses("a certificate by an authority for other names", "TlsCertificatePurpose", () =>
			proxy(pki.byAuthorityForOthers),
		),
		refuses("a cipher suite without forward secrecy", "TlsCipher", () =>
			proxy(good["RSA, by an authority with RSA"]!, { maxVersion: "TLSv1.2", ciphers: "AES128-SHA256" }),
		),
		...Object.entries(LIES).map(([name, lie]) => {
			const error = lie.finishesEarly ? "TlsHandshakeOrder" : "TlsHandshakeSignature";
			return refuses(`a server with another's certificate that ${name}`, error, () => startLiar(first, lie));
		}),
	];
}

function configurationFor(world: World, server: TlsServer, host: string): string {
	const configuration = JSON.parse(
		configure(world, [{ name: "over TLS", url: `https://${host}:${server.port}/data` }]),
	);
	configuration.rules[0].origin = `https://${host}:${server.port}`;
	return JSON.stringify(configuration);
}

async function bought(
	build: SimulatorBuild,
	world: World,
	ca: string,
	certified: Certified,
	host: string,
): Promise<undefined> {
	const server = await startTlsProxy(world.seller.url, certified);
	const device = new Device(build);
	try {
		const address = await device.provision(world);
		const { result, events } = await device.run({ configuration: configurationFor(world, server, host), ca });
		assert.equal(result.exitCode, 0, result.reason);
		const purchase = events.find(({ event }) => event === "purchase");
		assert.equal(purchase?.state, "delivered", JSON.stringify(purchase));
		assert.match(String(purchase?.data), /temperature/);
		assert.equal((await world.chain.transfers(address)).length, 1);
	} finally {
		server.close();
		await device.remove();
	}
}

async function refused(
	build: SimulatorBuild,
	world: World,
	pki: Pki,
	error: string,
	start: () => Promise<TlsServer>,
): Promise<string> {
	const server = await start();
	const device = new Device(build);
	try {
		await device.provision(world);
		const configuration = configurationFor(world, server, "localhost");
		const { result, events } = await device.run({ configuration, ca: pki.ca });
		assert.equal(result.exitCode, 0, "the device goes on");
		const purchase = events.find(({ event }) => event === "purchase");
		assert.equal(purchase?.state, "refused", JSON.stringify(purchase));
		assert.ok(String(purchase?.detail).includes(`: ${error}: `), String(purchase?.detail));
		assert.ok(!("wasBelieved" in server && server.wasBelieved), "the device did not go on with the handshake");
		assert.equal(server.counts.atOnce, 1, "each connection is closed before the next is opened");
		return String(purchase?.detail).replace(/^.*: Tls/, "Tls");
	} finally {
		server.close();
		await device.remove();
	}
}
