/** Records each request to a seller, in order, with its connection: for tests of reuse, retries and round trips. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Express, Request, RequestHandler, Response } from "express";

export interface SeenRequest {
	readonly method: string;
	/** With the query. */
	readonly url: string;
	readonly path: string;
	readonly headers: IncomingHttpHeaders;
	readonly body: Buffer;
	/** Requests with the same number came over the same connection. */
	readonly connection: number;
	/** The payment header as it came, if there was one. */
	readonly payment: string | undefined;
	/** True if the resource's handler ran: the resource is free, or the payment was valid. */
	handled: boolean;
	/** The status sent; nothing as long as, or if, none was. */
	status: number | undefined;
}

/** An Express application being served on a free port of the loopback interface. */
export interface Served {
	/** `http://127.0.0.1:<port>` */
	readonly url: string;
	readonly requests: SeenRequest[];
	/** The number of connections opened since the start. */
	connections(): number;
	/** Closes all connections, whatever they are doing. May be called again. */
	stop(): Promise<void>;
}

const numbers = new WeakMap<Socket, number>();

/** Express middleware that notes each request; the body must have been read before. */
export function record(requests: SeenRequest[], paymentHeader: string): RequestHandler {
	return (request: Request, response: Response, next) => {
		const seen: SeenRequest = {
			method: request.method,
			url: request.originalUrl,
			path: request.path,
			headers: request.headers,
			body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
			connection: numbers.get(request.socket) ?? 0,
			payment: request.header(paymentHeader),
			handled: false,
			status: undefined,
		};
		requests.push(seen);
		response.locals.seen = seen;
		response.once("finish", () => {
			seen.status = response.statusCode;
		});
		next();
	};
}

/** Starts serving `app`, which records into `requests`. */
export async function serve(app: Express, requests: SeenRequest[]): Promise<Served> {
	const server: Server = createServer({ keepAliveTimeout: 30_000 }, app);
	let connections = 0;
	server.on("connection", (socket) => numbers.set(socket, ++connections));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	let stopped: Promise<void> | undefined;
	const stop = (): Promise<void> => {
		stopped ??= new Promise((resolve) => {
			server.close(() => resolve());
			server.closeAllConnections();
		});
		return stopped;
	};
	return { url: `http://127.0.0.1:${port}`, requests, connections: () => connections, stop };
}
