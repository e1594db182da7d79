import { HttpClient, type HttpClientOptions } from "../../../src/http/client.js";
import { HttpError } from "../../../src/http/errors.js";
import type { HttpLimits } from "../../../src/http/limits.js";
import type { HttpRequest } from "../../../src/http/request.js";
import type { HttpResponse } from "../../../src/http/response.js";
import { type FakeNetwork, serving } from "./fake_network.js";
import { FakeTimer, settle } from "./fake_timer.js";

export const GET: HttpRequest = Object.freeze({ method: "GET", url: "http://seller.test/data" });

/** A client on a network that a test makes, with a timer that stands still. */
export function clientOn(network: FakeNetwork, limits: Partial<HttpLimits> = {}) {
	const timer = new FakeTimer();
	const options: HttpClientOptions = { connect: network.connect, timer, limits };
	return { client: new HttpClient(options), timer, network };
}

export interface Outcome {
	/** The error's name, if there was one. */
	readonly error?: string;
	readonly sent?: boolean;
	readonly status?: number;
	readonly body?: string;
	readonly response?: HttpResponse;
	/** Connections still open when it was over: one that is kept, or none. */
	readonly open: number;
	readonly timers: number;
}

/** What a client makes of `pieces`, sent by a server that then, if `end`, ends the connection. */
export async function receive(
	pieces: readonly string[],
	options: { request?: HttpRequest; end?: boolean; limits?: Partial<HttpLimits> } = {},
): Promise<Outcome> {
	const { client, timer, network } = clientOn(serving([pieces], options.end ?? true), options.limits);
	const outcome = await settled(client.request(options.request ?? GET));
	await settle();
	return { ...outcome, open: network.open, timers: timer.pending };
}

/** The outcome of a request whose body is read whole. Anything but an `HttpError` goes on to the test. */
export async function settled(promise: Promise<HttpResponse>): Promise<Omit<Outcome, "open" | "timers">> {
	try {
		const response = await promise;
		const body = Buffer.from(await response.bytes(100_000)).toString("latin1");
		return { status: response.status, body, response };
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		return { error: error.name, sent: error.sent };
	}
}
