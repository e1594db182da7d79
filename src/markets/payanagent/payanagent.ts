/**
 * Buys at PayanAgent: offers of services and files, native ones and those of the x402 ecosystem, at one address and without
 * an account. HTTP API v0.2. `operations/` has the operations that no plan reaches.
 */

import type { HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import type { Purchase } from "../../wallet/purchase.js";
import type { Deliver } from "../../x402/client.js";
import { TermsError } from "../../x402/errors.js";
import { afterColon } from "../../x402/sellers_words.js";
import type { Json } from "../kit/fields.js";
import { jsonRequest } from "../kit/request.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers } from "../market.js";
import { Api, type PayanAgentOptions, segment } from "./api.js";
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
	 * Buys an offer, native or relayed, by the offer's own method; if it has none, by POST with an input (JSON) and by GET
	 * without. Delivers the data, which for a download offer is its file. Before a payment throws what `buy` of x402 throws,
	 * and `PayanAgentError`: `InputInvalid` if the input does not match the offer, `NotRelayed` if its seller sends no terms.
	 */
	async buyOffer(id: string, input: string, payer: Purchase, deliver: Deliver): Promise<Bought> {
		const url = `${this.api.host}/x402/${segment(id)}`;
		const offer = await this.offerToBuy(id, input, payer);
		const method = offer?.method ?? (input === "" ? "GET" : "POST");
		// A seller that expects a POST expects JSON.
		const body = method === "GET" ? undefined : input || "{}";
		const paid = this.pay(new Payment(this.api), offer, jsonRequest(method, url, body), payer, deliver);
		return paid.catch((error) => {
			if (!(error instanceof TermsError) || error.name !== "TermsMissing") throw error;
			const message = `the seller of offer ${id} sent no terms for a ${method}: buy at its own address`;
			throw new PayanAgentError("NotRelayed", message + afterColon(error.words));
		});
	}

	protected pay(
		payment: Payment,
		offer: OfferToBuy | undefined,
		request: HttpRequest,
		payer: Purchase,
		deliver: Deliver,
	): Promise<Bought> {
		const take = (response: HttpResponse) =>
			offer?.offerType === "download" ? deliverFile(this.api, payment, response, deliver) : deliver(response);
		return payment.run(request, payer, take);
	}

	/**
	 * Returns the offer after checking the input against it; for an interrupted purchase, `undefined` if the offer cannot be
	 * read now. The market forwards no input to a seller by GET: it would take the money and deliver nothing.
	 */
	protected async offerToBuy(id: string, input: string, payer: Purchase): Promise<OfferToBuy | undefined> {
		let offer: OfferToBuy;
		try {
			const response = await this.api.ask({ method: "GET", path: `/api/v1/offers/${segment(id)}` });
			offer = await readOfferToBuy(response);
		} catch (error) {
			if (payer.record !== undefined) return undefined;
			throw error;
		}
		if (payer.record !== undefined) return offer;
		const fault = faultOf(offer.inputSchema, input === "" ? {} : parseInput(input));
		if (fault !== undefined) {
			throw new PayanAgentError("InputInvalid", `the input of offer ${id} does not match its inputSchema: ${fault}`);
		}
		if (offer.method === "GET" && input !== "") {
			const message = `offer ${id} is delivered by GET, which has no input: remove it, or buy elsewhere`;
			throw new PayanAgentError("InputInvalid", message);
		}
		return offer;
	}
}

/** Parses an input. Throws `PayanAgentError` `InputInvalid`. */
export function parseInput(input: string): Json {
	try {
		return JSON.parse(input) as Json;
	} catch {
		throw new PayanAgentError("InputInvalid", "expected the input as JSON");
	}
}
