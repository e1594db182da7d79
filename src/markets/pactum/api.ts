/**
 * Pactum's two hosts: the gateway, which accepts tokens, and the wallet service, which accepts the API key. A token is
 * obtained with the key and contains it. Both can spend money, and leave this file only in a header or in the body that
 * requests a token.
 */

import { fields } from "../../../modules/encoding/json/items.js";
import type { Header } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { ask, isSuccess, type Repeat } from "../kit/ask.js";
import { isVisible, type Json } from "../kit/fields.js";
import { elements, type ListShape } from "../kit/pages.js";
import { jsonRequest } from "../kit/request.js";
import type { MarketDeps } from "../market.js";
import { PactumError, refusalOf } from "./errors.js";

/** One request to one of the hosts. */
export interface PactumRequest {
	readonly method: "GET" | "POST" | "PUT";
	readonly host: "gateway" | "wallet";
	readonly path: string;
	readonly auth: "token" | "key" | "none";
	/** JSON text. */
	readonly body?: string;
	/** In addition to the authorization. */
	readonly headers?: readonly Header[];
	/** A status that is a valid answer like any 2xx. */
	readonly expected?: number;
	/** A secret besides key and token, to be removed from the market's error texts. */
	readonly secret?: string;
	readonly repeat: Repeat;
	/** The kind of request, which selects refusals: see `errors.ts`. */
	readonly on?: "code" | "deposit" | "retry";
}

export interface PactumHosts {
	readonly gateway: string;
	readonly wallet: string;
}

/** Bytes of an answer that are kept. */
const ANSWER_LIMIT = 1_024;
const TOKEN_LIMIT = 4_096;

export class PactumApi {
	readonly deps: MarketDeps;
	readonly #hosts: PactumHosts;
	readonly #apiKey: string;
	/** Kept only in memory. */
	#token = "";

	constructor(deps: MarketDeps, hosts: PactumHosts, apiKey: string) {
		this.deps = deps;
		this.#hosts = hosts;
		this.#apiKey = apiKey;
	}

	/** Makes a request and returns the answer, with its body unread. Throws `PactumError`, `HttpError`. */
	ask(request: PactumRequest): Promise<HttpResponse> {
		return this.#ask(request, async (response) => response);
	}

	/** Returns the members `names` of the answer, together at most 1,024 bytes. Throws `ItemsError`, and what `ask` throws. */
	read(request: PactumRequest, names: readonly string[], limit = ANSWER_LIMIT): Promise<Json> {
		return this.#ask(request, (response) => fields(response, names, limit));
	}

	/** Yields the elements of an answer that is a list. Throws `ItemsError`, and what `ask` throws. */
	async *list(request: PactumRequest, shape: ListShape): AsyncGenerator<unknown, Json, void> {
		return yield* elements(await this.ask(request), shape);
	}

	/** Makes a request whose answer does not matter. */
	async tell(request: PactumRequest): Promise<void> {
		await (await this.ask(request)).discard();
	}

	/** Fetches a file from another host, which gets no token and nothing else of ours. */
	fetch(url: string): Promise<HttpResponse> {
		return this.deps.http.request({ method: "GET", url });
	}

	#ask<T>(request: PactumRequest, take: (response: HttpResponse) => Promise<T>): Promise<T> {
		return ask(this.deps.timer, request.repeat, async (waitMs) => {
			const token = this.#token;
			const response = await this.#authorized(request);
			if (isSuccess(response) || response.status === request.expected) return take(response);
			const { auth, on = "", secret = "" } = request;
			throw await refusalOf(response, [auth, on], [this.#apiKey, this.#token, token, secret], waitMs);
		});
	}

	/**
	 * Sends the request. If the gateway rejects its own token, sends it once more with a new one, but not a request that costs
	 * money: the 401 alone does not prove that nothing was done.
	 */
	async #authorized(request: PactumRequest): Promise<HttpResponse> {
		const { auth, path } = request;
		if (auth === "none") return this.#send(request, "");
		if (this.#apiKey === "") {
			throw new PactumError("ApiKeyMissing", `${path} needs an API key: configure the one that verify gave`);
		}
		if (auth === "key") return this.#send(request, this.#apiKey);
		if (this.#token === "") this.#token = await this.#newToken();
		const response = await this.#send(request, this.#token);
		if (response.status !== 401) return response;
		this.#token = "";
		if (request.repeat === "never") return response;
		await response.discard();
		this.#token = await this.#newToken();
		return this.#send(request, this.#token);
	}

	async #newToken(): Promise<string> {
		// Unwinds the stack: this is one request in the middle of another.
		await undefined;
		const body = JSON.stringify({ api_key: this.#apiKey });
		const { token } = await this.read(
			{ method: "POST", host: "gateway", path: "/market/auth/wallet", auth: "none", body, repeat: "always" },
			["token"],
			TOKEN_LIMIT,
		);
		// Checked here, so that no error about the header quotes it.
		if (isVisible(token)) return token;
		throw new PactumError("AnswerMalformed", "expected a token of plain characters from /market/auth/wallet");
	}

	#send({ method, host, path, body, headers = [] }: PactumRequest, bearer: string): Promise<HttpResponse> {
		const credentials = bearer === "" ? headers : [["authorization", `Bearer ${bearer}`] as const, ...headers];
		return this.deps.http.request(jsonRequest(method, this.#hosts[host] + path, body, credentials));
	}
}

/** Builds a GET to the gateway. */
export function get(path: string): PactumRequest {
	return { method: "GET", host: "gateway", path, auth: "token", repeat: "always" };
}

/** Builds a POST to the gateway that changes something and costs nothing. */
export function post(path: string, body?: string): PactumRequest {
	const request = { method: "POST", host: "gateway", path, auth: "token", repeat: "when refused" } as const;
	return body === undefined ? request : { ...request, body };
}
