/**
 * Stands between a device and a seller, and says to a second device what the seller said to the first: the same input, to the
 * byte. The second must ask the same, to the byte.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";

interface Exchange {
	/** Request line, headers in their order, body. */
	readonly request: string;
	readonly status: number;
	readonly headers: readonly string[];
	readonly body: Buffer;
}

export class Recorder {
	readonly url: string;
	readonly #server: http.Server;
	#exchanges: Exchange[] = [];
	#replayed: number | undefined;
	/** What the second device asked that the first did not. */
	readonly surprises: string[] = [];

	private constructor(server: http.Server) {
		this.#server = server;
		this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	}

	static async start(to: string): Promise<Recorder> {
		const server = http.createServer();
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const recorder = new Recorder(server);
		server.on("request", (request, response) => void recorder.#serve(new URL(to), request, response));
		return recorder;
	}

	/** From now on the seller is not asked. */
	replay(): void {
		this.#replayed = 0;
	}

	/** Whether all that was recorded was asked for again. */
	get isAtEnd(): boolean {
		return this.#replayed === this.#exchanges.length;
	}

	stop(): void {
		this.#server.close();
		this.#server.closeAllConnections();
	}

	async #serve(to: URL, incoming: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
		const body = await bodyOf(incoming);
		const request = [`${incoming.method} ${incoming.url}`, ...incoming.rawHeaders, body.toString("latin1")].join("\n");
		const exchange = this.#replayed === undefined ? await ask(to, incoming, body, request) : this.#next(request);
		if (this.#replayed === undefined) this.#exchanges.push(exchange);
		response.sendDate = false;
		response.writeHead(exchange.status, exchange.headers as string[]).end(exchange.body);
	}

	#next(request: string): Exchange {
		const exchange = this.#exchanges[this.#replayed!++];
		if (exchange?.request === request) return exchange;
		this.surprises.push(request);
		return { request, status: 500, headers: [], body: Buffer.of() };
	}
}

async function ask(to: URL, { method, url, rawHeaders }: http.IncomingMessage, body: Buffer, request: string) {
	const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
		const { hostname, port } = to;
		http
			.request({ hostname, port, method, path: url, headers: pairs(rawHeaders) }, resolve)
			.on("error", reject)
			.end(body);
	});
	return { request, status: answer.statusCode!, headers: answer.rawHeaders, body: await bodyOf(answer) };
}

function pairs(raw: readonly string[]): Record<string, string> {
	return Object.fromEntries(raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1]!]] : [])));
}

async function bodyOf(message: http.IncomingMessage): Promise<Buffer> {
	const pieces: Buffer[] = [];
	for await (const piece of message) pieces.push(piece as Buffer);
	return Buffer.concat(pieces);
}
