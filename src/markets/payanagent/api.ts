/**
 * How PayanAgent is asked: JSON over HTTP, an API key as a bearer token where it is needed and nowhere else, and rate limits:
 * 429 with `Retry-After` mostly, 503 with `Retry-After` when its own store is away.
 */

import { fields } from "../../../modules/encoding/json/items.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import { HttpError } from "../../http/errors.js";
import type { Header, HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { parseUrl } from "../../http/url.js";
import { pause, retryAfter } from "../kit/pause.js";
import type { MarketDeps } from "../market.js";
import { PayanAgentError, type PayanAgentErrorName } from "./errors.js";

/** A JSON object as it came; a field that is not there is `undefined`. */
export type Json = Readonly<Record<string, unknown>>;

export interface PayanAgentOptions {
	/** Origin, if not the market's own. */
	readonly host?: string;
	/** A secret; for everything but looking and buying. */
	readonly apiKey?: string;
	/** This device's own agent, by which it finds its requests again. */
	readonly agentId?: string;
	/** How often a settlement under way is looked at before it is left; 8, which is about two minutes. */
	readonly settlementPolls?: number;
}

export interface Ask {
	readonly method: "GET" | "POST" | "PATCH" | "DELETE";
	/** With the query. */
	readonly path: string;
	readonly body?: Json;
	/** Whether the API key goes along. */
	readonly isKeyed?: boolean;
	/** Whether it makes something new each time: then it is asked again only when it certainly was not heard. */
	readonly isCreating?: boolean;
}

/** How often a request is made, in all, when the market has no time for it. */
export const ASKS = 3;
const ASK_AGAIN_MS = 2_000;
/** Of an error's body, and of one document. */
const ERROR_LIMIT = 2_048;
export const DOCUMENT_LIMIT = 16_384;

const NAMES: Readonly<Record<number, readonly [name: PayanAgentErrorName, advice: string]>> = Object.freeze({
	400: ["BadRequest", "what was asked is not as the market wants it"],
	401: ["KeyRefused", "the API key is missing or wrong: set a valid one"],
	402: ["PaymentRefused", "a payment is wanted, or was not taken"],
	403: ["NotAllowed", "this agent may not do that, or not now"],
	404: ["NotFound", "there is no such thing, or no more"],
	409: ["Settling", "a payment for this is being settled, or its state has changed: look at it again"],
	429: ["RateLimited", "the market's rate limit is reached: ask less often"],
	500: ["ServerFailed", "the market failed: try again later"],
	501: ["NotRoutable", "the market cannot route this offer's payment"],
	502: ["UpstreamFailed", "the seller, or a transfer out of escrow, failed: try again later"],
	503: ["Unavailable", "the market cannot do that now: try again later"],
} as const);

export class Api {
	readonly means: MarketDeps;
	readonly host: string;
	readonly agentId: string;
	readonly settlementPolls: number;
	readonly #apiKey: string;

	/** Throws `HttpError` for a host that is none. */
	constructor(means: MarketDeps, options: PayanAgentOptions) {
		this.means = means;
		this.host = parseUrl(options.host ?? "https://payanagent.com").origin;
		this.agentId = options.agentId ?? "";
		this.settlementPolls = options.settlementPolls ?? 8;
		this.#apiKey = options.apiKey ?? "";
	}

	/** A 2xx answer. Throws `PayanAgentError` for any other, and `HttpError`. */
	async ask(ask: Ask): Promise<HttpResponse> {
		const request = this.request(ask);
		for (let asks = 1; ; asks++) {
			const response = await this.means.http.request(request);
			if (response.status >= 200 && response.status <= 299) return response;
			const error = await this.refusal(response);
			// A store that was away may have come back in the middle of the work.
			const isHeard = error.name !== "RateLimited" && ask.isCreating === true;
			if (error.afterMs === undefined || isHeard || asks === ASKS) throw error;
			await pause(this.means.timer, error.afterMs);
		}
	}

	/** The members `names` of a 2xx answer; where all is under the member `wrapper`, of that. */
	async document(ask: Ask, names: readonly string[], wrapper = ""): Promise<Json> {
		const response = await this.ask(ask);
		const members = await fields(response, wrapper === "" ? names : [wrapper, ...names], DOCUMENT_LIMIT);
		const inner = wrapper === "" ? undefined : members[wrapper];
		return typeof inner === "object" && inner !== null ? (inner as Json) : members;
	}

	request({ method, path, body, isKeyed }: Ask): HttpRequest {
		const headers: Header[] = body === undefined ? [] : [["Content-Type", "application/json"]];
		return {
			method,
			url: this.host + path,
			headers,
			...(isKeyed === true && { credentials: this.#key() }),
			...(body !== undefined && { body: utf8.encode(JSON.stringify(body)) }),
		};
	}

	/** What an answer refuses. It has been read to its end. */
	async refusal(response: HttpResponse): Promise<PayanAgentError> {
		const { status } = response;
		const said = await this.#said(response);
		const [name, advice] = NAMES[status] ?? (status >= 500 ? NAMES[500] : NAMES[400])!;
		const isBusy = status === 429 || (status === 503 && response.headers.get("retry-after") !== undefined);
		const afterMs = isBusy ? retryAfter(response, ASK_AGAIN_MS) : undefined;
		return new PayanAgentError(name, `PayanAgent answered ${status}${said}: ${advice}`, afterMs);
	}

	/** The market's own words, which may hold anything but our key. */
	async #said(response: HttpResponse): Promise<string> {
		let error: unknown;
		try {
			({ error } = await fields(response, ["error"], ERROR_LIMIT));
		} catch {
			await response.discard();
		}
		if (typeof error !== "string" || error === "") return "";
		if (this.#apiKey !== "" && error.includes(this.#apiKey)) return "";
		return `, ${JSON.stringify(error.slice(0, 120))}`;
	}

	#key(): Header[] {
		if (this.#apiKey === "") {
			throw new PayanAgentError("KeyUnset", "expected an API key for this: register an agent, and configure its key");
		}
		return [["Authorization", `Bearer ${this.#apiKey}`]];
	}
}

/** An id as a part of a path. Throws `PayanAgentError` `IdMalformed`. */
export function segment(id: string): string {
	if (!/^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(id)) {
		throw new PayanAgentError("IdMalformed", "expected an id of 1 to 128 letters, digits, - _ ~ and .");
	}
	return id;
}

/** A query with those of the parameters that are given. */
export function query(parameters: Readonly<Record<string, string | number | undefined>>): string {
	let text = "";
	for (const [name, value] of Object.entries(parameters)) {
		if (value !== undefined) text += `${text === "" ? "?" : "&"}${name}=${encodeURIComponent(value)}`;
	}
	return text;
}

/** Whether a request that failed may have been heard. */
export function wasHeard(error: unknown): boolean {
	return error instanceof HttpError && error.sent;
}
