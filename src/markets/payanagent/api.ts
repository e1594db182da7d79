/**
 * Makes PayanAgent's requests: JSON over HTTP, with an API key as a bearer token only for operations that need one. Rate
 * limits are 429, mostly with `Retry-After`, or 503 with `Retry-After` if the market's own store is down.
 */

import { members } from "../../../modules/encoding/json/items.js";
import type { Header, HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { parseUrl } from "../../http/url.js";
import { ask, isSuccess, type Repeat } from "../kit/ask.js";
import { type Json, leafText } from "../kit/fields.js";
import { retryAfter } from "../kit/pause.js";
import { type RefusalRow, rowFor } from "../kit/refusals.js";
import { isSegment, jsonRequest } from "../kit/request.js";
import type { MarketDeps } from "../market.js";
import { PayanAgentError, type PayanAgentErrorName } from "./errors.js";

export interface PayanAgentOptions {
	/** The origin, if not the market's own. */
	readonly host?: string;
	/** A secret; browsing and buying need none. */
	readonly apiKey?: string;
	/** This device's own agent, to find its requests again. */
	readonly agentId?: string;
	/** The number of polls of a pending settlement; 8 by default, about two minutes. */
	readonly settlementPolls?: number;
}

export interface PayanRequest {
	readonly method: "GET" | "POST" | "PATCH" | "DELETE";
	/** Path and query. */
	readonly path: string;
	readonly body?: Json;
	/** True to send the API key. */
	readonly isKeyed?: boolean;
	/** `always` by default. */
	readonly repeat?: Repeat;
}

/** The number of attempts if the market is busy, and the wait if it names none. */
export const ATTEMPTS = Object.freeze({ limit: 3, firstWaitMs: 2_000 });
/** Bytes of an error's body, and of one document. */
const ERROR_LIMIT = 2_048;
/** Members of a refusal. */
const DETAILS_LIMIT = 4;
export const DOCUMENT_LIMIT = 16_384;
/** Characters of the market's error text in a message. */
const WORDS_LIMIT = 120;

const ROWS: readonly RefusalRow<PayanAgentErrorName>[] = Object.freeze([
	// A buyer's request that is being settled, or has been.
	{ status: 400, word: "in status: completing", name: "Settling", advice: "wait until it is settled" },
	{ status: 400, word: "in status: approved", name: "Settling", advice: "read it again" },
	{ status: 400, word: "in status: cancelled", name: "Settling", advice: "read it again" },
	{ status: 401, name: "KeyRefused", advice: "the API key is missing or wrong: set a valid one" },
	{ status: 402, name: "PaymentRefused", advice: "the market asks for a payment, or did not accept one" },
	{ status: 403, name: "NotAllowed", advice: "this agent may not do that, or not now" },
	{ status: 404, name: "NotFound", advice: "it does not exist, or no longer does" },
	{
		status: 409,
		name: "Settling",
		advice: "a payment for this is being settled, or its state has changed: read it again",
	},
	{ status: 429, name: "RateLimited", advice: "the market's rate limit is reached: ask less often" },
	{ status: 501, name: "NotRoutable", advice: "the market cannot route this offer's payment: buy another offer" },
	{
		status: 502,
		name: "UpstreamFailed",
		advice: "the seller, or a transfer out of escrow, failed: try again later",
	},
	{ status: 503, name: "Unavailable", advice: "the market cannot do that now: try again later" },
] as const);

export class Api {
	readonly deps: MarketDeps;
	readonly host: string;
	readonly agentId: string;
	readonly settlementPolls: number;
	readonly #apiKey: string;

	/** Throws `HttpError` for a malformed host. */
	constructor(deps: MarketDeps, options: PayanAgentOptions) {
		this.deps = deps;
		this.host = parseUrl(options.host ?? "https://payanagent.com").origin;
		this.agentId = options.agentId ?? "";
		this.settlementPolls = options.settlementPolls ?? 8;
		this.#apiKey = options.apiKey ?? "";
	}

	/** Makes a request and returns its 2xx answer. Throws `PayanAgentError` for any other, and `HttpError`. */
	ask(request: PayanRequest): Promise<HttpResponse> {
		const http = this.request(request);
		return ask(
			this.deps.timer,
			request.repeat ?? "always",
			async () => {
				const response = await this.deps.http.request(http);
				if (isSuccess(response)) return response;
				throw await this.refusal(response);
			},
			ATTEMPTS,
		);
	}

	/** Builds a request. Throws `PayanAgentError` `KeyUnset`. */
	request({ method, path, body, isKeyed }: PayanRequest): HttpRequest {
		const text = body === undefined ? undefined : JSON.stringify(body);
		return jsonRequest(method, this.host + path, text, isKeyed === true ? this.#key() : []);
	}

	/** Reads an error answer to its end and names it. */
	async refusal(response: HttpResponse): Promise<PayanAgentError> {
		const { status } = response;
		const words = await this.#words(response);
		const { name, advice } = rowFor(ROWS, { status, words }) ?? otherRow(status);
		const said = words && `, ${JSON.stringify(words.slice(0, WORDS_LIMIT))}`;
		const isBusy = status === 429 || (status === 503 && response.headers.get("retry-after") !== undefined);
		const afterMs = isBusy ? retryAfter(response, ATTEMPTS.firstWaitMs) : undefined;
		return new PayanAgentError(name, `PayanAgent answered ${status}${said}: ${advice}`, afterMs);
	}

	/** Returns the market's error text and the fields that it rejects (`details`); "" if there are none, or our key is in it. */
	async #words(response: HttpResponse): Promise<string> {
		try {
			const [error, details] = (await members(response, ["error", "details"], ERROR_LIMIT)).members("error", "details");
			const fields = (details?.elements(DETAILS_LIMIT) ?? []).map(leafText);
			const words = [leafText(error), ...fields].filter((each) => each !== "").join("; ");
			return this.#apiKey !== "" && words.includes(this.#apiKey) ? "" : words;
		} catch {
			return "";
		}
	}

	#key(): Header[] {
		if (this.#apiKey === "") {
			throw new PayanAgentError("KeyUnset", "this needs an API key: register an agent, and configure its key");
		}
		return [["Authorization", `Bearer ${this.#apiKey}`]];
	}
}

function otherRow(status: number): Pick<RefusalRow<PayanAgentErrorName>, "name" | "advice"> {
	return status >= 500
		? { name: "ServerFailed", advice: "the market failed: try again later" }
		: { name: "BadRequest", advice: "the market rejects the request: report it" };
}

/** Checks an id for use in a path. Throws `PayanAgentError` `IdMalformed`. */
export function segment(id: string): string {
	if (!isSegment(id)) {
		throw new PayanAgentError("IdMalformed", "expected an id of 1 to 128 letters, digits, - _ ~ and .");
	}
	return id;
}
