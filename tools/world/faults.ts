/**
 * Faults of one request, and the place of each. A test asks for a fault beforehand; the next request to that path takes
 * it, and only that request's own path through server, facilitator and chain sees it (`AsyncLocalStorage`), however many
 * others are under way.
 *
 * The faults of the facilitator and of its chain are put in front of the official code, which then makes of them what it
 * makes of the same failure in earnest. How each row of "What really happens on retry" comes about:
 *
 * | row                                          | how                                                                      |
 * |----------------------------------------------|--------------------------------------------------------------------------|
 * | handler answers ≥ 400                        | `handler-status`                                                         |
 * | same payment sent again after success        | no fault: send the same header twice                                     |
 * | client drops the connection mid-response     | no fault, or `handler-waits` to have the time: close the socket          |
 * | settle broadcasts, then errors               | `broadcast-then-error` (by the node), `settle-lost` (by the facilitator) |
 * | `settlement_pending`                         | `receipt-late`: `waits` 1 ends in 200, 2 in 402 with the hash            |
 * | any settle failure                           | `settle-refuses`, `settle-fails`, `broadcast-refused`, `reverted`,       |
 * |                                              | `front-run`; as 502 and without any header: `settle-malformed`           |
 * | verify failure                               | `verify-refuses` with any reason, `verify-fails`; or the real thing:     |
 * |                                              | no balance, no Permit2 approval, terms with a wrong name                 |
 * | undecodable payment header                   | no fault: send one                                                       |
 * | `payment-identifier` required, none sent     | no fault: `/identified`                                                  |
 * | extension `info` altered                     | no fault: `/identified`, echo with `required: false`                     |
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { RequestHandler, Response } from "express";

export type Fault =
	/** The facilitator finds the payment invalid. */
	| { readonly name: "verify-refuses"; readonly reason: string }
	/** The facilitator cannot be asked whether the payment is valid. */
	| { readonly name: "verify-fails"; readonly message: string }
	/** The resource's handler answers this status. */
	| { readonly name: "handler-status"; readonly status: number }
	/** The resource's handler takes its time. */
	| { readonly name: "handler-waits"; readonly milliseconds: number }
	/** The facilitator will not settle. No money moves. */
	| { readonly name: "settle-refuses"; readonly reason: string }
	/** The facilitator cannot be asked to settle. No money moves. */
	| { readonly name: "settle-fails"; readonly message: string }
	/** The facilitator settles, and its answer is lost. The money has moved. */
	| { readonly name: "settle-lost"; readonly message: string }
	/** The facilitator settles, and its answer cannot be read: 502. The money has moved. */
	| { readonly name: "settle-malformed" }
	/** The chain's node does not take the transaction. No money moves. */
	| { readonly name: "broadcast-refused" }
	/** The chain's node takes the transaction, and then its answer is lost. The money has moved. */
	| { readonly name: "broadcast-then-error" }
	/** The transaction is mined, but the facilitator does not see it the first so many times. The money has moved. */
	| { readonly name: "receipt-late"; readonly waits: 1 | 2 }
	/** The transaction is mined and reverted for want of gas. No money moves, and the authorization stays good. */
	| { readonly name: "reverted" }
	/** Someone else settled the authorization a moment before; our transaction is reverted. The money has moved. */
	| { readonly name: "front-run" }
	/** A header of the answer is replaced, or left out. */
	| { readonly name: "header"; readonly header: string; readonly value: string | undefined }
	/** The connection goes wrong; see `Wire`. */
	| ({ readonly name: "wire" } & Wire);

/** Something happens to the connection at one point of an exchange. */
export interface Wire {
	/**
	 * - `request`: the request has come, and nothing was done about it
	 * - `answer`: all was done, the payment settled, and not a byte of the answer sent
	 * - `headers`: the answer's headers were sent, and none of its body
	 * - `body`: the first half of the body was sent
	 */
	readonly at: "request" | "answer" | "headers" | "body";
	/** `reset` is a TCP RST, `close` a FIN; `silence` leaves the connection open for ever; a number waits, then goes on. */
	readonly does: "reset" | "close" | "silence" | { readonly milliseconds: number };
}

export interface FaultOptions {
	/** Which requests take it: with a payment (the default), without, or any. */
	readonly on?: "paid" | "unpaid" | "any";
	/** The number of requests that meet it. Default: 1. */
	readonly times?: number;
}

interface Waiting {
	readonly fault: Fault;
	readonly on: "paid" | "unpaid" | "any";
	times: number;
}

/** The faults asked for and not yet taken, by path. */
export class Faults {
	readonly #waiting = new Map<string, Waiting[]>();

	/** The next request to `path` will suffer `fault`. Faults of one path are taken in the order they were asked for. */
	add(path: string, fault: Fault, { on = "paid", times = 1 }: FaultOptions = {}): void {
		const waiting = this.#waiting.get(path) ?? [];
		waiting.push({ fault, on, times });
		this.#waiting.set(path, waiting);
	}

	take(path: string, paid: boolean): Fault | undefined {
		const waiting = this.#waiting.get(path) ?? [];
		const index = waiting.findIndex(({ on }) => on === "any" || on === (paid ? "paid" : "unpaid"));
		const next = waiting[index];
		if (!next) return undefined;
		next.times--;
		if (next.times === 0) waiting.splice(index, 1);
		return next.fault;
	}

	/** Forgets the faults of `path`. */
	clear(path: string): void {
		this.#waiting.delete(path);
	}
}

const current = new AsyncLocalStorage<Fault | undefined>();

/** Returns the fault of the request being served, if it has this name. */
export function faultNamed<Name extends Fault["name"]>(name: Name): Extract<Fault, { name: Name }> | undefined {
	const fault = current.getStore();
	return fault?.name === name ? (fault as Extract<Fault, { name: Name }>) : undefined;
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Carries out the fault. Returns true if the exchange continues. */
async function strike({ does }: Wire, response: Response): Promise<boolean> {
	const socket = response.socket;
	if (does === "reset") socket?.resetAndDestroy();
	else if (does === "close") socket?.end();
	else if (does !== "silence") await pause(does.milliseconds);
	return typeof does === "object";
}

/** Replaces `response.end`, through which every answer of the sellers goes, to send only as much as the fault lets. */
function strikeAnswer(fault: Wire, response: Response): void {
	const end = response.end.bind(response) as (chunk?: Buffer) => Response;
	const write = response.write.bind(response) as (chunk: Buffer, sent: () => void) => boolean;
	const chunks: Buffer[] = [];
	const keep = (chunk: unknown): void => {
		if (typeof chunk === "string" || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk as string));
	};
	response.write = (chunk: unknown) => {
		keep(chunk);
		return true;
	};
	response.end = ((chunk: unknown) => {
		keep(chunk);
		const body = Buffer.concat(chunks);
		const sent = fault.at === "body" ? Math.floor(body.length / 2) : 0;
		const send = (): Promise<void> =>
			new Promise((resolve) => {
				if (fault.at === "answer") resolve();
				else if (sent > 0) write(body.subarray(0, sent), resolve);
				else {
					response.flushHeaders();
					setImmediate(resolve);
				}
			});
		void send()
			.then(() => strike(fault, response))
			.then((goesOn) => goesOn && end(body.subarray(sent)));
		return response;
	}) as typeof response.end;
}

function replaceHeader(header: string, value: string | undefined, response: Response): void {
	const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => Response;
	response.writeHead = ((...args: unknown[]) => {
		if (value === undefined) response.removeHeader(header);
		else response.setHeader(header, value);
		return writeHead(...args);
	}) as typeof response.writeHead;
}

/** Express middleware: gives each request the fault asked for, and carries out those of the connection. */
export function faultMiddleware(
	faults: Faults,
	isPaid: (headers: NodeJS.Dict<string | string[]>) => boolean,
): RequestHandler {
	return (request, response, next) => {
		const fault = faults.take(request.path, isPaid(request.headers));
		const go = (): void => current.run(fault, () => next());
		if (fault?.name === "header") replaceHeader(fault.header, fault.value, response);
		if (fault?.name !== "wire") return go();
		if (fault.at === "request") void strike(fault, response).then((goesOn) => goesOn && go());
		else {
			strikeAnswer(fault, response);
			go();
		}
	};
}
