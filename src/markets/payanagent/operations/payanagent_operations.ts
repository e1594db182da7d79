/**
 * The rest of PayanAgent's HTTP API (v0.2): operations that no plan and no console command reaches. Not in a firmware's image.
 *
 * | operation | method |
 * |---|---|
 * | POST `/offers/:id/buy` | `buyLegacy` |
 * | GET `/discover`, `/offers`, `/offers/:id` | `discover`, `offers` (`find`), `offer` (`quote`) |
 * | POST, PATCH, DELETE `/offers` | `createOffer`, `updateOffer`, `deleteOffer` |
 * | GET `/receipts`, `/receipts/:id` | `receipts`, `receipt`, `checkReceipt` |
 * | POST, GET, PATCH `/agents`; GET `/agents/:id/receipts` | `register`, `agent`, `updateAgent`, `agentReceipts` |
 * | GET, POST `/requests`; GET `/requests/:id` | `requests`, `createRequest`, `createRequestWithEscrow`; `request`, `readRequest` |
 * | POST `/requests/:id/…` | `accept`, `approve`, `cancel`; `bid`, `fulfill` |
 * | GET `/.well-known/x402`, `/openapi.json` | `document` |
 */

import * as uint256 from "../../../../modules/encoding/uint256.js";
import type { Purchase } from "../../../wallet/purchase.js";
import type { PurchaseRecord } from "../../../wallet/record.js";
import type { Deliver } from "../../../x402/client.js";
import { type Json, textOf } from "../../kit/fields.js";
import { elements, walk } from "../../kit/pages.js";
import { queryOf } from "../../kit/request.js";
import { DOCUMENT_LIMIT, segment } from "../api.js";
import { malformed, PayanAgentError } from "../errors.js";
import { PayanAgent, parseInput } from "../payanagent.js";
import type { Bought } from "../payment.js";
import type { Agent, Bid, PayanOffer, Receipt, WorkRequest } from "./documents.js";
import * as documents from "./documents.js";
import type { Discovered, Discovery, NewAgent, NewOffer, OfferFilter, ReceiptCheck, Registration } from "./options.js";
import { LegacyPayment } from "./payments.js";
import * as work from "./requests.js";

/** Offers on one page: a few requests for a search, a few kilobytes each. */
const PAGE = 20;
/** The most that the market lists at once. */
const SEARCH = 200;
const OFFER_LIMIT = 8_192;
const RECEIPT_LIST = { member: "receipts", itemBytes: 4_096, names: documents.RECEIPT };

export class PayanAgentOperations extends PayanAgent {
	/** Yields matching offers as they arrive. Returns the matching agents and open requests. */
	async *discover(wanted: Discovery): AsyncGenerator<PayanOffer, Discovered> {
		const path = `/api/v1/discover${queryOf({ limit: 5, ...wanted })}`;
		const response = await this.api.ask({ method: "GET", path });
		const list = elements(response, { member: "offers", itemBytes: DOCUMENT_LIMIT, names: documents.DISCOVERY });
		return discovered(yield* mapped(list, documents.offerOf));
	}

	/**
	 * Yields all matching offers, page by page; of a search or a category the first 200, since the market has no further pages
	 * of them. Throws `PayanAgentError` `AnswerMalformed` for a cursor that repeats.
	 */
	async *offers(filter: OfferFilter = {}): AsyncGenerator<PayanOffer, void> {
		// The market filters by type only when it searches for words.
		for await (const offer of this.#pages(filter)) {
			if (filter.offerType === undefined || offer.offerType === filter.offerType) yield offer;
		}
	}

	#pages(filter: OfferFilter): AsyncGenerator<PayanOffer, void> {
		const { api } = this;
		const isSearch = (filter.q ?? "") !== "" || filter.category !== undefined;
		const limit = isSearch ? SEARCH : PAGE;
		const shape = { member: "offers", itemBytes: OFFER_LIMIT, names: ["nextCursor", ...documents.OFFER] };
		return walk(api.deps.clock, "", async function* (cursor: string): AsyncGenerator<
			PayanOffer,
			string | undefined,
			void
		> {
			const path = `/api/v1/offers${queryOf({ limit, ...filter, cursor })}`;
			const beside = yield* mapped(elements(await api.ask({ method: "GET", path }), shape), documents.offerOf);
			const next = textOf(beside.nextCursor);
			if (next !== "" && next === cursor) throw malformed("another nextCursor");
			return next === "" ? undefined : next;
		});
	}

	async offer(id: string): Promise<PayanOffer> {
		const response = await this.api.ask({ method: "GET", path: `/api/v1/offers/${segment(id)}` });
		return documents.readOffer(response);
	}

	/** Buys a native offer in the older way, with an API key; offers of the ecosystem by `buyOffer`. */
	async buyLegacy(id: string, input: string, payer: Purchase, deliver: Deliver): Promise<Bought> {
		const body = input === "" ? {} : parseInput(input);
		const path = `/api/v1/offers/${segment(id)}/buy`;
		const request = this.api.request({ method: "POST", path, body, isKeyed: true });
		const offer = await this.offerToBuy(id, input, payer);
		try {
			return await this.pay(new LegacyPayment(this.api), offer, request, payer, deliver);
		} catch (error) {
			if (!(error instanceof PayanAgentError) || error.name !== "EcosystemOffer") throw error;
			return this.buyOffer(id, input, payer, deliver);
		}
	}

	/** Creates an offer and returns its id. */
	async createOffer(fields: NewOffer): Promise<string> {
		const body = offerBody(fields);
		const ask = { method: "POST", path: "/api/v1/offers", body, isKeyed: true, repeat: "when refused" } as const;
		return textOf((await this.#document(ask, ["offerId"])).offerId);
	}

	async updateOffer(id: string, fields: Partial<NewOffer>): Promise<void> {
		await this.#change("PATCH", `/api/v1/offers/${segment(id)}`, offerBody(fields));
	}

	async deleteOffer(id: string): Promise<void> {
		await this.#change("DELETE", `/api/v1/offers/${segment(id)}`);
	}

	/** Yields the public feed, newest first. */
	async *receipts(limit?: number): AsyncGenerator<Receipt, void> {
		const response = await this.api.ask({ method: "GET", path: `/api/v1/receipts${queryOf({ limit })}` });
		yield* mapped(elements(response, RECEIPT_LIST), documents.receiptOf);
	}

	async receipt(id: string): Promise<Receipt> {
		const ask = { method: "GET", path: `/api/v1/receipts/${segment(id)}` } as const;
		return documents.receiptOf(await this.#document(ask, documents.RECEIPT, "receipt"));
	}

	/** Compares a receipt with the ledger's own record of the purchase; only the server can check its signature. */
	async checkReceipt(id: string, record: PurchaseRecord): Promise<ReceiptCheck> {
		const receipt = await this.receipt(id);
		const differs: ("amount" | "transaction")[] = [];
		if (receipt.amount === undefined || uint256.compare(receipt.amount, record.amount) !== 0) differs.push("amount");
		if (record.transaction === "" || receipt.transaction !== record.transaction) differs.push("transaction");
		return { receipt, differs };
	}

	/** Registers an agent. Its key is shown only once: the caller must store it and keep it secret. */
	async register(agent: NewAgent): Promise<Registration> {
		const body: Json = { chain: "base", ...agent };
		const ask = { method: "POST", path: "/api/v1/agents", body, repeat: "when refused" } as const;
		const document = await this.#document(ask, ["agentId", "apiKey", "apiKeyPrefix"]);
		const [agentId, apiKey] = [textOf(document.agentId), textOf(document.apiKey)];
		if (agentId === "" || apiKey === "") throw malformed("an agent's id and key");
		return { agentId, apiKey, apiKeyPrefix: textOf(document.apiKeyPrefix) };
	}

	async agent(id: string): Promise<Agent> {
		const ask = { method: "GET", path: `/api/v1/agents/${segment(id)}` } as const;
		return documents.agentOf(await this.#document(ask, documents.AGENT, "agent"));
	}

	/** Changes this client's own agent. */
	async updateAgent(id: string, fields: Partial<NewAgent>): Promise<void> {
		await this.#change("PATCH", `/api/v1/agents/${segment(id)}`, { ...fields });
	}

	/** Yields an agent's purchases and sales; returns their numbers. */
	async *agentReceipts(
		id: string,
		filter: { readonly side?: "buyer" | "seller" | "both"; readonly limit?: number } = {},
	): AsyncGenerator<Receipt, documents.Stats> {
		const path = `/api/v1/agents/${segment(id)}/receipts${queryOf(filter)}`;
		const response = await this.api.ask({ method: "GET", path });
		const shape = { ...RECEIPT_LIST, names: [...documents.RECEIPT, ...documents.STATS] };
		const beside = yield* mapped(elements(response, shape), documents.receiptOf);
		return documents.statsOf(beside.stats);
	}

	/** Delivers the market's own description as received: its resources for x402 clients, or its operations. */
	async document(which: "x402" | "openapi", deliver: Deliver): Promise<void> {
		const path = which === "x402" ? "/.well-known/x402" : "/openapi.json";
		await deliver(await this.api.ask({ method: "GET", path }));
	}

	requests(filter: { readonly status?: string; readonly q?: string; readonly limit?: number } = {}) {
		return work.requests(this.api, filter);
	}

	request(id: string): Promise<{ readonly request: WorkRequest; readonly bids: readonly Bid[] }> {
		return work.request(this.api, id);
	}

	readRequest(id: string, deliver: Deliver): Promise<void> {
		return work.readRequest(this.api, id, deliver);
	}

	createRequest(fields: Omit<work.NewRequest, "escrow">): Promise<string> {
		return work.createRequest(this.api, fields);
	}

	createRequestWithEscrow(fields: Omit<work.NewRequest, "escrow">, payer: Purchase): Promise<work.Requested> {
		return work.createWithEscrow(this.api, fields, payer);
	}

	accept(id: string, bidId: string): Promise<void> {
		return work.accept(this.api, id, bidId);
	}

	approve(id: string, payer: Purchase): Promise<Bought> {
		return work.approve(this.api, id, payer);
	}

	cancel(id: string, reason?: string): Promise<work.Cancelled> {
		return work.cancel(this.api, id, reason);
	}

	bid(id: string, fields: work.NewBid): Promise<string> {
		return work.bid(this.api, id, fields);
	}

	fulfill(id: string, outputPayload: string): Promise<void> {
		return work.fulfill(this.api, id, outputPayload);
	}

	find(text: string): AsyncGenerator<PayanOffer, void> {
		return this.offers(text === "" ? {} : { q: text });
	}

	quote(offer: string): Promise<PayanOffer> {
		return this.offer(offer);
	}

	/** Returns the members `names` of a 2xx answer, or of its member `wrapper` if it has one. */
	async #document(request: Parameters<typeof this.api.ask>[0], names: readonly string[], wrapper = ""): Promise<Json> {
		return documents.readDocument(await this.api.ask(request), names, wrapper);
	}

	async #change(method: "PATCH" | "DELETE", path: string, body?: Json): Promise<void> {
		const request = {
			method,
			path,
			isKeyed: true,
			repeat: "when refused",
			...(body !== undefined && { body }),
		} as const;
		await (await this.api.ask(request)).discard();
	}
}

/** Yields each element as `map` reads it; returns the members beside the list. */
async function* mapped<T>(list: AsyncGenerator<unknown, Json, void>, map: (element: unknown) => T) {
	let next = await list.next();
	try {
		for (; next.done !== true; next = await list.next()) yield map(next.value);
		return next.value;
	} finally {
		await list.return({});
	}
}

function discovered({ agents, openRequests }: Json): Discovered {
	return {
		agents: Array.isArray(agents) ? agents.map(documents.agentOf) : [],
		openRequests: Array.isArray(openRequests) ? openRequests.map(documents.requestOf) : [],
	};
}

/** The market accepts a schema only as text. */
function offerBody(fields: Partial<NewOffer>): Json {
	const { inputSchema } = fields;
	return { ...fields, ...(inputSchema && { inputSchema: JSON.stringify(inputSchema) }) };
}
