/**
 * A server that answers each request with exactly the bytes a test gives it, well-formed or not: for terms, headers and
 * bodies that no decent server would send.
 */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export interface RawRequest {
	readonly method: string;
	readonly path: string;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Buffer;
	readonly connection: number;
}

/** Sent after so many milliseconds, perhaps with the end of the connection behind it. */
export interface RawPart {
	readonly bytes: string | Uint8Array;
	readonly after?: number;
	readonly close?: boolean;
}

/** What to send for a request: bytes; bytes and then the end of the connection; or parts, one after the other. */
export type RawAnswer = string | Uint8Array | RawPart | readonly RawPart[];

export interface RawSeller {
	readonly url: string;
	readonly requests: RawRequest[];
	/** The requests that carried a payment, of whichever version. Bad terms must leave this empty. */
	payments(): RawRequest[];
	/** What is answered from now on. */
	answer: (request: RawRequest) => RawAnswer;
	stop(): Promise<void>;
}

/** A whole HTTP answer as text, with its Content-Length. */
export function httpAnswer(status: string, headers: Readonly<Record<string, string>>, body = ""): string {
	const lines = Object.entries({ ...headers, "Content-Length": String(Buffer.byteLength(body)) });
	return `HTTP/1.1 ${status}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

/** A 402 whose `PAYMENT-REQUIRED` is `terms`: given as text it is the header's value itself, else base64 of its JSON. */
export function termsAnswer(terms: unknown): string {
	const value = typeof terms === "string" ? terms : Buffer.from(JSON.stringify(terms)).toString("base64");
	return httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": value, "Content-Type": "application/json" }, "{}");
}

/** Takes one whole request off the front of `bytes`. Bodies have a Content-Length or are chunked. */
function parse(bytes: Buffer, connection: number): { request: RawRequest; length: number } | undefined {
	const head = bytes.indexOf("\r\n\r\n");
	if (head < 0) return undefined;
	const [start, ...lines] = bytes.subarray(0, head).toString("latin1").split("\r\n");
	const [method, path] = start!.split(" ");
	const headers = Object.fromEntries(
		lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
	);
	const chunked = headers["transfer-encoding"] === "chunked";
	const last = chunked ? bytes.indexOf("0\r\n\r\n", head + 4) : -1;
	if (chunked && last < 0) return undefined;
	const length = chunked ? last + 5 : head + 4 + Number(headers["content-length"] ?? 0);
	if (bytes.length < length) return undefined;
	const body = bytes.subarray(head + 4, length);
	return { request: { method: method!, path: path!, headers, body, connection }, length };
}

async function send(socket: Socket, answer: RawAnswer): Promise<void> {
	const whole = typeof answer === "string" || answer instanceof Uint8Array ? { bytes: answer } : answer;
	for (const { bytes, after, close } of Array.isArray(whole) ? (whole as readonly RawPart[]) : [whole as RawPart]) {
		if (after !== undefined) await new Promise((resolve) => setTimeout(resolve, after));
		if (socket.destroyed) return;
		if (close) socket.end(bytes);
		else socket.write(bytes);
	}
}

/** Starts it on a free port of the loopback interface. */
export async function startRawSeller(answer: RawSeller["answer"]): Promise<RawSeller> {
	const requests: RawRequest[] = [];
	const sockets = new Set<Socket>();
	let connections = 0;
	const server: Server = createServer((socket) => {
		const connection = ++connections;
		let bytes: Buffer = Buffer.alloc(0);
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => socket.destroy());
		socket.on("data", (chunk) => {
			bytes = Buffer.concat([bytes, chunk]);
			for (let next = parse(bytes, connection); next; next = parse(bytes, connection)) {
				bytes = bytes.subarray(next.length);
				requests.push(next.request);
				void send(socket, seller.answer(next.request));
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	let stopped: Promise<void> | undefined;
	const seller: RawSeller = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		requests,
		payments: () => requests.filter(({ headers }) => "payment-signature" in headers || "x-payment" in headers),
		answer,
		stop: () => {
			stopped ??= new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			});
			return stopped;
		},
	};
	return seller;
}
