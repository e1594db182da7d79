/**
 * Pactum's two hosts: the gateway, which knows tokens, and the wallet service, which knows the API key. A token is got with
 * the key and has it inside: both can spend, neither leaves this file but in a header or the body that asks for a token.
 */

import { fields } from "../../../modules/encoding/json/items.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import { HttpError } from "../../http/errors.js";
import type { Header, HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { pause, retryAfter } from "../kit/pause.js";
import type { MarketDeps } from "../market.js";
import { PactumError, type Refused, refusalOf } from "./errors.js";

export interface Ask extends Refused {
	readonly method: "GET" | "POST" | "PUT";
	readonly host: "gateway" | "wallet";
	/** JSON text. */
	readonly body?: string;
	/** Beside the authorization. */
	readonly headers?: readonly Header[];
	/** A status that is an answer like any 2xx. */
	readonly expected?: number;
	/** Not to be repeated from what the market says. */
	readonly secret?: string;
	/** Whether to ask twice is as good as once: then a lost answer is asked for again. */
	readonly isRepeatable: boolean;
}

export interface Hosts {
	readonly gateway: string;
	readonly wallet: string;
}

/** How often something is asked, at most. */
const TRIES = 4;
/** The wait before the second try; each further one is twice as long. */
const FIRST_WAIT_MS = 500;

export class Api {
	readonly #means: MarketDeps;
	readonly #hosts: Hosts;
	readonly #apiKey: string;
	/** For as long as this runs; never stored. */
	#token = "";

	constructor(means: MarketDeps, hosts: Hosts, apiKey: string) {
		this.#means = means;
		this.#hosts = hosts;
		this.#apiKey = apiKey;
	}

	/**
	 * Asks, and asks again: with a new token on a 401, once; after a wait on a 429; and, if repeatable, on a 5xx or
	 * without an answer. Resolves to the answer that was wanted. Throws `PactumError`, `HttpError`.
	 */
	ask(ask: Ask): Promise<HttpResponse> {
		return this.#ask(ask, async (response) => response);
	}

	/** The members `names` of the answer, together at most `limit` bytes. Throws `ItemsError`, and as `ask` does. */
	read(ask: Ask, names: readonly string[], limit: number): Promise<Readonly<Record<string, unknown>>> {
		return this.#ask(ask, (response) => fields(response, names, limit));
	}

	/** For what has no answer that matters. */
	async tell(ask: Ask): Promise<void> {
		await (await this.ask(ask)).discard();
	}

	/** A file: from another host, which gets no token, nor anything else of ours. */
	async fetch(url: string): Promise<HttpResponse> {
		return this.#means.http.request({ method: "GET", url });
	}

	async #ask<T>(ask: Ask, take: (response: HttpResponse) => Promise<T>): Promise<T> {
		for (let tries = 1; ; tries++) {
			let wait = FIRST_WAIT_MS * 2 ** (tries - 1);
			try {
				const response = await this.#authorized(ask);
				const { status } = response;
				if ((status >= 200 && status <= 299) || status === ask.expected) return await take(response);
				const isLater = status === 429 || (status >= 500 && ask.isRepeatable);
				const after = retryAfter(response, wait);
				if (!isLater || after === undefined || tries === TRIES) {
					throw await refusalOf(response, ask, this.#secrets(ask));
				}
				wait = after;
				await response.discard();
			} catch (error) {
				const isLater = error instanceof HttpError && (!error.sent || ask.isRepeatable);
				if (!isLater || tries === TRIES) throw error;
			}
			await pause(this.#means.timer, wait);
		}
	}

	#secrets({ secret = "" }: Ask): string[] {
		return [this.#apiKey, this.#token, secret];
	}

	async #authorized(ask: Ask): Promise<HttpResponse> {
		if (ask.auth === "none") return this.#send(ask, "");
		if (this.#apiKey === "") {
			throw new PactumError("ApiKeyMissing", `expected an API key for ${ask.path}: configure the one that verify gave`);
		}
		if (ask.auth === "key") return this.#send(ask, this.#apiKey);
		if (this.#token === "") this.#token = await this.#newToken();
		const response = await this.#send(ask, this.#token);
		if (response.status !== 401) return response;
		await response.discard();
		this.#token = await this.#newToken();
		return this.#send(ask, this.#token);
	}

	async #newToken(): Promise<string> {
		// Ends what is on the stack: this is one request in the middle of another.
		await undefined;
		const body = JSON.stringify({ api_key: this.#apiKey });
		const { token } = await this.read(
			{ method: "POST", host: "gateway", path: "/market/auth/wallet", auth: "none", body, isRepeatable: true },
			["token"],
			4_096,
		);
		// It is checked here, so that no complaint about the header has it inside.
		if (isPlain(token)) return token;
		throw new PactumError("AnswerMalformed", "expected a token of plain characters from /market/auth/wallet");
	}

	#send({ method, host, path, body, headers = [] }: Ask, bearer: string): Promise<HttpResponse> {
		const credentials = bearer === "" ? headers : [["authorization", `Bearer ${bearer}`] as const, ...headers];
		const request: HttpRequest = { method, url: this.#hosts[host] + path, credentials };
		if (body === undefined) return this.#means.http.request(request);
		const type: Header = ["content-type", "application/json"];
		return this.#means.http.request({ ...request, headers: [type], body: utf8.encode(body) });
	}
}

/** Whether it is a text of visible ASCII that may stand in a header. Long ones cost a pattern that repeats much memory. */
export function isPlain(value: unknown): value is string {
	return typeof value === "string" && value !== "" && !/[^!-~]/.test(value);
}
