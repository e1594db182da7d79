/**
 * PayanAgent: offers of services and files, native ones and those of the x402 ecosystem, bought at one address without an
 * account; and requests, for which agents bid. HTTP API v0.2.
 *
 * | operation | method |
 * |---|---|
 * | GET, POST `/x402/:offerId` | `buyOffer`, `buy` |
 * | POST `/offers/:id/buy` | `buyLegacy` |
 * | GET `/discover`, `/offers`, `/offers/:id` | `discover`, `offers` (`find`), `offer` (`quote`) |
 * | POST, PATCH, DELETE `/offers` | `createOffer`, `updateOffer`, `deleteOffer` |
 * | GET `/receipts`, `/receipts/:id` | `receipts`, `receipt`, `checkReceipt` |
 * | POST, GET, PATCH `/agents`; GET `/agents/:id/receipts` | `register`, `agent`, `updateAgent`, `agentReceipts` |
 * | GET, POST `/requests`; GET `/requests/:id` | `requests`, `createRequest`, `createRequestWithEscrow`; `request`, `readRequest` |
 * | POST `/requests/:id/…` | `accept`, `approve`, `cancel`; `bid`, `fulfill` |
 * | GET `/.well-known/x402`, `/openapi.json` | `document` |
 */

import { items } from "../../../modules/encoding/json/items.js";
import { pick } from "../../../modules/encoding/json/pick.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import type { Purchase } from "../../wallet/purchase.js";
import type { PurchaseRecord } from "../../wallet/record.js";
import type { Deliver } from "../../x402/client.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers } from "../market.js";
import { Api, DOCUMENT_LIMIT, type Json, type PayanAgentOptions, query, segment } from "./api.js";
import type { Agent, Bid, PayanOffer, Receipt, WorkRequest } from "./documents.js";
import * as documents from "./documents.js";
import { PayanAgentError } from "./errors.js";
import { faultOf } from "./input_schema.js";
import type { Discovered, Discovery, NewAgent, NewOffer, OfferFilter, ReceiptCheck, Registration } from "./options.js";
import { type Bought, deliverFile, Payment } from "./purchase.js";
import * as work from "./requests.js";

/** Offers of one page: a few requests for a search, a few kilobytes each. */
const PAGE = 20;
const OFFER_LIMIT = 8_192;
const RECEIPT_LIMIT = 4_096;

export class PayanAgent implements Market {
	readonly name = "payanagent";
	readonly #api: Api;

	constructor(means: MarketDeps, options: PayanAgentOptions = {}) {
		this.#api = new Api(means, options);
	}

	/** Offers that match, as they arrive. Returns the agents and open requests that do. */
	async *discover(wanted: Discovery): AsyncGenerator<PayanOffer, Discovered> {
		const path = `/api/v1/discover${query({ limit: 5, ...wanted })}`;
		const response = await this.#api.ask({ method: "GET", path });
		const { DISCOVERY } = documents;
		const list = items(response, "offers", DOCUMENT_LIMIT, undefined, DISCOVERY);
		let next = await list.next();
		try {
			for (; next.done !== true; next = await list.next()) yield documents.offerOf(pick(next.value, DISCOVERY));
			return discovered(pick(next.value, DISCOVERY) as Json);
		} finally {
			await list.return(next.value);
		}
	}

	/** All offers that match, page by page. Throws `PayanAgentError` `AnswerMalformed` for a cursor that goes nowhere. */
	async *offers(filter: OfferFilter = {}): AsyncGenerator<PayanOffer, void> {
		const { OFFER } = documents;
		let cursor: string | undefined;
		do {
			const before: string | undefined = cursor;
			const path = `/api/v1/offers${query({ limit: PAGE, ...filter, cursor })}`;
			const response = await this.#api.ask({ method: "GET", path });
			const list = items(response, "offers", OFFER_LIMIT, undefined, ["nextCursor", ...OFFER]);
			let next = await list.next();
			try {
				for (; next.done !== true; next = await list.next()) yield documents.offerOf(pick(next.value, OFFER));
				cursor = documents.textOf(next.value.members("nextCursor")[0]?.leaf) || undefined;
			} finally {
				await list.return(next.value);
			}
			if (cursor !== undefined && cursor === before) throw documents.malformed("another nextCursor");
		} while (cursor !== undefined);
	}

	async offer(id: string): Promise<PayanOffer> {
		const response = await this.#api.ask({ method: "GET", path: `/api/v1/offers/${segment(id)}` });
		return documents.readOffer(await response.text(DOCUMENT_LIMIT));
	}

	/**
	 * Buys an offer, native or relayed, by GET or, with an input (JSON), by POST; what is bought goes to `deliver`, of a
	 * download offer its file. Throws before a payment as `buy` of x402 does, and `PayanAgentError`: `InputInvalid` when the
	 * input is not as `inputSchema` wants it.
	 */
	async buyOffer(id: string, input: string, payer: Purchase, deliver: Deliver): Promise<Bought> {
		const request = this.#requestOf(`/x402/${segment(id)}`, input);
		return this.#pay(id, "offer", request, input, payer, deliver);
	}

	/** The older way to buy a native offer, with an API key. Offers of the ecosystem are bought by `buyOffer` then. */
	async buyLegacy(id: string, input: string, payer: Purchase, deliver: Deliver): Promise<Bought> {
		const body = input === "" ? {} : parsedInput(input);
		const path = `/api/v1/offers/${segment(id)}/buy`;
		const request = this.#api.request({ method: "POST", path, body, isKeyed: true });
		try {
			return await this.#pay(id, "legacy", request, input, payer, deliver);
		} catch (error) {
			if (!(error instanceof PayanAgentError) || error.name !== "EcosystemOffer") throw error;
			return this.buyOffer(id, input, payer, deliver);
		}
	}

	/** Makes an offer; its id. */
	async createOffer(fields: NewOffer): Promise<string> {
		const body: Json = { ...fields };
		const ask = { method: "POST", path: "/api/v1/offers", body, isKeyed: true, isCreating: true } as const;
		return documents.textOf((await this.#api.document(ask, ["offerId"])).offerId);
	}

	async updateOffer(id: string, fields: Partial<NewOffer>): Promise<void> {
		await this.#change("PATCH", `/api/v1/offers/${segment(id)}`, { ...fields });
	}

	async deleteOffer(id: string): Promise<void> {
		await this.#change("DELETE", `/api/v1/offers/${segment(id)}`);
	}

	/** The public feed, newest first. */
	async *receipts(limit?: number): AsyncGenerator<Receipt, void> {
		const response = await this.#api.ask({ method: "GET", path: `/api/v1/receipts${query({ limit })}` });
		const { RECEIPT, receiptOf } = documents;
		const list = items(response, "receipts", RECEIPT_LIMIT, undefined, RECEIPT);
		for await (const item of list) yield receiptOf(pick(item, RECEIPT));
	}

	async receipt(id: string): Promise<Receipt> {
		const ask = { method: "GET", path: `/api/v1/receipts/${segment(id)}` } as const;
		return documents.receiptOf(await this.#api.document(ask, documents.RECEIPT, "receipt"));
	}

	/** Holds a receipt against the ledger's own record of the purchase: only the server can check its signature. */
	async checkReceipt(id: string, record: PurchaseRecord): Promise<ReceiptCheck> {
		const receipt = await this.receipt(id);
		const differs: ("amount" | "transaction")[] = [];
		if (receipt.amount === undefined || uint256.compare(receipt.amount, record.amount) !== 0) differs.push("amount");
		if (record.transaction === "" || receipt.transaction !== record.transaction) differs.push("transaction");
		return { receipt, differs };
	}

	/** Registers an agent. Its key is shown this once: whoever calls this keeps it, and keeps it secret. */
	async register(agent: NewAgent): Promise<Registration> {
		const body: Json = { chain: "base", ...agent };
		const ask = { method: "POST", path: "/api/v1/agents", body, isCreating: true } as const;
		const document = await this.#api.document(ask, ["agentId", "apiKey", "apiKeyPrefix"]);
		const [agentId, apiKey] = [documents.textOf(document.agentId), documents.textOf(document.apiKey)];
		if (agentId === "" || apiKey === "") throw documents.malformed("an agent's id and key");
		return { agentId, apiKey, apiKeyPrefix: documents.textOf(document.apiKeyPrefix) };
	}

	async agent(id: string): Promise<Agent> {
		const ask = { method: "GET", path: `/api/v1/agents/${segment(id)}` } as const;
		return documents.agentOf(await this.#api.document(ask, documents.AGENT, "agent"));
	}

	/** Of one's own agent only. */
	async updateAgent(id: string, fields: Partial<NewAgent>): Promise<void> {
		await this.#change("PATCH", `/api/v1/agents/${segment(id)}`, { ...fields });
	}

	/** What an agent bought and sold, one by one; returns how often. */
	async *agentReceipts(
		id: string,
		filter: { readonly side?: "buyer" | "seller" | "both"; readonly limit?: number } = {},
	): AsyncGenerator<Receipt, documents.Stats> {
		const path = `/api/v1/agents/${segment(id)}/receipts${query(filter)}`;
		const response = await this.#api.ask({ method: "GET", path });
		const { RECEIPT, STATS, receiptOf, statsOf } = documents;
		const list = items(response, "receipts", RECEIPT_LIMIT, undefined, [...RECEIPT, ...STATS]);
		let next = await list.next();
		try {
			for (; next.done !== true; next = await list.next()) yield receiptOf(pick(next.value, RECEIPT));
			return statsOf((pick(next.value, STATS) as Json).stats);
		} finally {
			await list.return(next.value);
		}
	}

	/** What the market publishes of itself, as it comes: its resources for x402 clients, or its operations. */
	async document(which: "x402" | "openapi", deliver: Deliver): Promise<void> {
		const path = which === "x402" ? "/.well-known/x402" : "/openapi.json";
		await deliver(await this.#api.ask({ method: "GET", path }));
	}

	requests(filter: { readonly status?: string; readonly q?: string; readonly limit?: number } = {}) {
		return work.requests(this.#api, filter);
	}

	request(id: string): Promise<{ readonly request: WorkRequest; readonly bids: readonly Bid[] }> {
		return work.request(this.#api, id);
	}

	readRequest(id: string, deliver: Deliver): Promise<void> {
		return work.readRequest(this.#api, id, deliver);
	}

	createRequest(fields: Omit<work.NewRequest, "escrow">): Promise<string> {
		return work.createRequest(this.#api, fields);
	}

	createRequestWithEscrow(fields: Omit<work.NewRequest, "escrow">, payer: Purchase): Promise<work.Requested> {
		return work.createWithEscrow(this.#api, fields, payer);
	}

	accept(id: string, bidId: string): Promise<void> {
		return work.accept(this.#api, id, bidId);
	}

	approve(id: string, payer: Purchase): Promise<Bought> {
		return work.approve(this.#api, id, payer);
	}

	cancel(id: string, reason?: string): Promise<work.Cancelled> {
		return work.cancel(this.#api, id, reason);
	}

	bid(id: string, fields: work.NewBid): Promise<string> {
		return work.bid(this.#api, id, fields);
	}

	fulfill(id: string, outputPayload: string): Promise<void> {
		return work.fulfill(this.#api, id, outputPayload);
	}

	find(text: string): AsyncGenerator<PayanOffer, void> {
		return this.offers(text === "" ? {} : { q: text });
	}

	quote(offer: string): Promise<PayanOffer> {
		return this.offer(offer);
	}

	buy({ offer, input }: MarketOrder, { x402 }: MarketPayers, deliver: Deliver): Promise<Bought> {
		return this.buyOffer(offer, input, x402, deliver);
	}

	async #pay(
		id: string,
		kind: "offer" | "legacy",
		request: HttpRequest,
		input: string,
		payer: Purchase,
		deliver: Deliver,
	): Promise<Bought> {
		const offer = await this.#offerToBuy(id, input, payer);
		const payment = new Payment(this.#api, kind);
		const take = async (response: HttpResponse) => {
			if (offer?.offerType === "download") await deliverFile(this.#api, payment, response, deliver);
			else await deliver(response);
		};
		return payment.run(request, payer, take);
	}

	/** The offer, once the input has been held against what it wants; of a purchase gone on with, what can be had of it. */
	async #offerToBuy(id: string, input: string, payer: Purchase): Promise<PayanOffer | undefined> {
		let offer: PayanOffer;
		try {
			offer = await this.offer(id);
		} catch (error) {
			if (payer.record !== undefined) return undefined;
			throw error;
		}
		const fault = faultOf(offer.inputSchema, input === "" ? {} : parsedInput(input));
		if (fault === undefined || payer.record !== undefined) return offer;
		throw new PayanAgentError("InputInvalid", `the input of offer ${id} is not as its seller wants it: ${fault}`);
	}

	/** By the input alone, so that a purchase that is gone on with makes the same request. No key: the wallet is known. */
	#requestOf(path: string, input: string): HttpRequest {
		if (input === "") return { method: "GET", url: this.#api.host + path };
		const headers = [["Content-Type", "application/json"]] as const;
		return { method: "POST", url: this.#api.host + path, headers, body: utf8.encode(input) };
	}

	async #change(method: "PATCH" | "DELETE", path: string, body?: Json): Promise<void> {
		const response = await this.#api.ask({ method, path, isKeyed: true, ...(body !== undefined && { body }) });
		await response.discard();
	}
}

function parsedInput(input: string): Json {
	try {
		return JSON.parse(input) as Json;
	} catch {
		throw new PayanAgentError("InputInvalid", "expected the input as JSON");
	}
}

function discovered({ agents, openRequests }: Json): Discovered {
	return {
		agents: Array.isArray(agents) ? agents.map(documents.agentOf) : [],
		openRequests: Array.isArray(openRequests) ? openRequests.map(documents.requestOf) : [],
	};
}
