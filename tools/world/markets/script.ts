/**
 * A local market's script for the next request to a path, instead of or in addition to its work: a documented error,
 * slowly, twice, cut off, or not at all. Connections and headers go wrong in `tools/world/faults.ts`; here is what those
 * have not: whole answers of a test's choice, and an answer that comes twice.
 *
 * The markets of this folder: `pactum/` (gateway, wallet service, file host, escrow on the local chain) and `pact/`
 * (gateway and indexer). Each checks what a client sends with code of its own, `node:crypto` and viem, and never with the
 * project's; each ends with the process.
 *
 * @example
 * market.script.next("/market/buy/item-free", { name: "answer", status: 404, body: { error: "NOT_FOUND" } });
 * market.script.next("/v1/escrow-deposit", { name: "wire", at: "answer", does: "reset" }); // done, and not heard of
 */
import type { Request, RequestHandler, Response } from "express";
import { type Fault, Faults, faultMiddleware } from "../faults.js";

export type Step =
	| Extract<Fault, { name: "wire" | "header" }>
	/** This answer, and nothing done (`at: "request"`, the default); or all done, and this in place of the real answer. */
	| {
			readonly name: "answer";
			readonly status: number;
			readonly headers?: Readonly<Record<string, string>>;
			/** An object is sent as JSON; text and bytes as they are. */
			readonly body?: object | string | Uint8Array;
			readonly at?: "request" | "answer";
	  }
	/** The bytes of the answer, head and body, are sent a second time over the same connection. */
	| { readonly name: "twice" };

export interface StepOptions {
	/** The number of requests that take it; 1 by default. */
	readonly times?: number;
	/** Which requests to the path take it; all by default. */
	readonly when?: (request: Request) => boolean;
}

interface Waiting {
	readonly step: Step;
	readonly when: (request: Request) => boolean;
	times: number;
}

/** The steps asked for and not yet taken, by path. */
export class Script {
	readonly #waiting = new Map<string, Waiting[]>();

	/** The next request to `path` takes `step`. Steps of one path are taken in the order they were asked for. */
	next(path: string, step: Step, { times = 1, when = () => true }: StepOptions = {}): void {
		const waiting = this.#waiting.get(path) ?? [];
		waiting.push({ step, when, times });
		this.#waiting.set(path, waiting);
	}

	/** Forgets the steps that were not taken. */
	clear(): void {
		this.#waiting.clear();
	}

	/** The paths that still have a step to take: a test that asked for one too many is wrong. */
	left(): string[] {
		return [...this.#waiting].filter(([, waiting]) => waiting.length > 0).map(([path]) => path);
	}

	/** Express middleware: carries out the step of each request. */
	readonly middleware: RequestHandler = (request, response, next) => {
		const step = this.#take(request);
		if (step === undefined) return next();
		if (step.name === "answer")
			return step.at === "answer" ? answerAfter(step, response, next) : answer(step, response);
		if (step.name === "twice") return sendTwice(response, next);
		const faults = new Faults();
		faults.add(request.path, step);
		return faultMiddleware(faults, () => true)(request, response, next);
	};

	#take(request: Request): Step | undefined {
		const waiting = this.#waiting.get(request.path) ?? [];
		const index = waiting.findIndex(({ when }) => when(request));
		const taken = waiting[index];
		if (!taken) return undefined;
		taken.times--;
		if (taken.times === 0) waiting.splice(index, 1);
		return taken.step;
	}
}

type Answer = Extract<Step, { name: "answer" }>;

function answer({ status, headers = {}, body = "" }: Answer, response: Response): void {
	response.status(status).set(headers);
	if (typeof body === "string") response.end(body);
	else if (body instanceof Uint8Array) response.end(Buffer.from(body));
	else response.json(body);
}

/** The handler runs to its end; what it would have sent is thrown away. */
function answerAfter(step: Answer, response: Response, next: () => void): void {
	const end = response.end;
	response.end = (() => {
		response.end = end;
		for (const name of response.getHeaderNames()) response.removeHeader(name);
		answer(step, response);
		return response;
	}) as typeof response.end;
	next();
}

function sendTwice(response: Response, next: () => void): void {
	const socket = response.socket!;
	const write = socket.write;
	const sent: Buffer[] = [];
	socket.write = ((chunk: string | Uint8Array, ...more: unknown[]) => {
		sent.push(Buffer.from(chunk as string, typeof more[0] === "string" ? (more[0] as BufferEncoding) : undefined));
		return (write as (...all: unknown[]) => boolean).call(socket, chunk, ...more);
	}) as typeof socket.write;
	response.once("finish", () => {
		socket.write = write;
		socket.write(Buffer.concat(sent));
	});
	next();
}
