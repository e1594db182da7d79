/**
 * Buys at PayanAgent: offers of services and files, native ones and those of the x402 ecosystem, at one address and without an
 * account. `operations/` has what no plan reaches. HTTP API v0.2.
 */

import type { HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import type { Purchase } from "../../wallet/purchase.js";
import type { Deliver } from "../../x402/client.js";
import type { Json } from "../kit/fields.js";
import { jsonRequest } from "../kit/request.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers } from "../market.js";
import { Api, DOCUMENT_LIMIT, type PayanAgentOptions, segment } from "./api.js";
import { PayanAgentError } from "./errors.js";
import { deliverFile } from "./file.js";
import { faultOf } from "./input_schema.js";
import { type OfferToBuy, readOfferToBuy } from "./offer.js";
import { type Bought, Payment } from "./payment.js";

export class PayanAgent implements Market {
	readonly name = "payanagent";
	protected readonly api: Api;

	constructor(deps: MarketDeps, options: PayanAgentOptions = {}) {
		this.api = new Api(deps, options);
	}

	buy({ offer, input }: MarketOrder, { x402 }: MarketPayers, deliver: Deliver): Promise<Bought> {
		return this.buyOffer(offer, input, x402, deliver);
	}

	/**
	 * Buys an offer, native or relayed, by GET or, with an input (JSON), by POST; delivers what was bought, which for a download
	 * offer is its file. Throws before a payment as `buy` of x402 does, and `PayanAgentError`: `InputInvalid` if the input does
	 * not match the offer's `inputSchema`.
	 */
	async buyOffer(id: string, input: string, payer: Purchase, deliver: Deliver): Promise<Bought> {
		const request = requestOf(`${this.api.host}/x402/${segment(id)}`, input);
		return this.pay(new Payment(this.api), id, request, input, payer, deliver);
	}

	protected async pay(
		payment: Payment,
		id: string,
		request: HttpRequest,
		input: string,
		payer: Purchase,
		deliver: Deliver,
	): Promise<Bought> {
		const offer = await this.#offerToBuy(id, input, payer);
		const take = async (response: HttpResponse) => {
			if (offer?.offerType === "download") await deliverFile(this.api, payment, response, deliver);
			else await deliver(response);
		};
		return payment.run(request, payer, take);
	}

	/** The offer, after its schema has been checked; for an interrupted purchase, `undefined` if the offer is not there now. */
	async #offerToBuy(id: string, input: string, payer: Purchase): Promise<OfferToBuy | undefined> {
		let offer: OfferToBuy;
		try {
			const response = await this.api.ask({ method: "GET", path: `/api/v1/offers/${segment(id)}` });
			offer = readOfferToBuy(await response.text(DOCUMENT_LIMIT));
		} catch (error) {
			if (payer.record !== undefined) return undefined;
			throw error;
		}
		const fault = faultOf(offer.inputSchema, input === "" ? {} : parseInput(input));
		if (fault === undefined || payer.record !== undefined) return offer;
		throw new PayanAgentError("InputInvalid", `the input of offer ${id} does not match its inputSchema: ${fault}`);
	}
}

/** Depends on the input alone, so that an interrupted purchase resumes with the same request. No key: the wallet is known. */
function requestOf(url: string, input: string): HttpRequest {
	return input === "" ? { method: "GET", url } : jsonRequest("POST", url, input);
}

/** Throws `PayanAgentError` `InputInvalid`. */
export function parseInput(input: string): Json {
	try {
		return JSON.parse(input) as Json;
	} catch {
		throw new PayanAgentError("InputInvalid", "expected the input as JSON");
	}
}
