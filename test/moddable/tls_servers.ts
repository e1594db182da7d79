/** Servers that speak TLS to a device: honest ones of Node's, and some that no library would be. */
import { createECDH, randomBytes, X509Certificate } from "node:crypto";
import net from "node:net";
import tls from "node:tls";
import type { Certified } from "./pki.js";

export interface TlsServer {
	readonly port: number;
	/** The most connections that were open at once, and how many there were. */
	readonly counts: { readonly atOnce: number; readonly all: number };
	close(): void;
}

/** Hands what comes over TLS on to a server without it. */
export async function startTlsProxy(
	to: string,
	certified: Certified,
	options: tls.TlsOptions = {},
): Promise<TlsServer> {
	const { hostname, port } = new URL(to);
	const server = tls.createServer({ ...certified, ALPNProtocols: ["http/1.1"], ...options }, (socket) => {
		const onwards = net.connect(Number(port), hostname);
		for (const [from, into] of [
			[socket, onwards],
			[onwards, socket],
		] as const) {
			from.pipe(into);
			from.on("error", () => into.destroy());
		}
	});
	server.on("tlsClientError", () => {});
	return serve(server);
}

const HANDSHAKE = 22;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const SERVER_HELLO_DONE = 14;
const FINISHED = 20;
/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, P-256. */
const SUITE = [0xc0, 0x2b];
const NAMED_CURVE = [3, 0, 23];

/** How a server lies that has another's certificate and not its key. */
export const LIES = {
	"leaves the key exchange unsigned": { signature: [0, 0, 0, 0], finishesEarly: false },
	"signs with the hash none": { signature: [0, 3, 0, 2, 0x30, 0], finishesEarly: false },
	// The signature that verifies for anything where r and s are not looked at.
	"signs with zeros": { signature: [4, 3, 0, 8, 0x30, 6, 2, 1, 0, 2, 1, 0], finishesEarly: false },
	"signs with the group's order": { signature: [4, 3, ...ofOrder()], finishesEarly: false },
	"finishes without a key exchange": { signature: undefined, finishesEarly: true },
} as const satisfies Record<string, { signature: readonly number[] | undefined; finishesEarly: boolean }>;

function ofOrder(): number[] {
	const order = [...Buffer.from("00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", "hex")];
	const number = [2, order.length, ...order];
	const pair = [0x30, 2 * number.length, ...number, ...number];
	return [0, pair.length, ...pair];
}

export interface Liar extends TlsServer {
	/** Whether a device went on with the handshake. */
	readonly wasBelieved: boolean;
}

/** A server with the certificate of an honest one, which everybody can have, but not its key. */
export async function startLiar(certified: Certified, lie: (typeof LIES)[keyof typeof LIES]): Promise<Liar> {
	let wasBelieved = false;
	const server = net.createServer((socket) => {
		socket.on("error", () => {});
		socket.once("data", () => {
			socket.write(flightOf(certified, lie));
			socket.on("data", (bytes) => {
				if (bytes[0] === HANDSHAKE) wasBelieved = true;
			});
		});
	});
	const served = await serve(server);
	return {
		port: served.port,
		get counts() {
			return served.counts;
		},
		close: served.close,
		get wasBelieved() {
			return wasBelieved;
		},
	};
}

function flightOf({ cert }: Certified, { signature, finishesEarly }: (typeof LIES)[keyof typeof LIES]): Buffer {
	const hello = [3, 3, ...randomBytes(32), 0, ...SUITE, 0];
	const chain = cert.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem).raw);
	const list = chain.flatMap((der) => [...lengthOf(der.length, 3), ...der]);
	const messages = [message(SERVER_HELLO, hello), message(CERTIFICATE, [...lengthOf(list.length, 3), ...list])];
	if (signature !== undefined) {
		const ecdh = createECDH("prime256v1");
		const point = ecdh.generateKeys();
		messages.push(message(SERVER_KEY_EXCHANGE, [...NAMED_CURVE, point.length, ...point, ...signature]));
		messages.push(message(SERVER_HELLO_DONE, []));
	}
	if (finishesEarly) messages.push(message(FINISHED, [...randomBytes(12)]));
	const bytes = messages.flat();
	return Buffer.from([HANDSHAKE, 3, 3, ...lengthOf(bytes.length, 2), ...bytes]);
}

function message(type: number, body: readonly number[]): number[] {
	return [type, ...lengthOf(body.length, 3), ...body];
}

function lengthOf(length: number, bytes: number): number[] {
	return Array.from({ length: bytes }, (_, i) => (length >> (8 * (bytes - 1 - i))) & 0xff);
}

async function serve(server: net.Server): Promise<TlsServer> {
	const sockets = new Set<net.Socket>();
	let atOnce = 0;
	let all = 0;
	server.on("connection", (socket) => {
		sockets.add(socket);
		all++;
		atOnce = Math.max(atOnce, sockets.size);
		socket.on("close", () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		port: (server.address() as net.AddressInfo).port,
		get counts() {
			return { atOnce, all };
		},
		close() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}
