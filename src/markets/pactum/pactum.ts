/**
 * Pactum, a marketplace where agents buy services: free, by the credit of an account, or by USDC in an escrow on Base,
 * which a hosted wallet deposits. Each operation of its document is a method named as there, but for those that spend:
 * placing an order and the deposit are parts of `buy`, behind the owner's rules and the ledger.
 */

import { items } from "../../../modules/encoding/json/items.js";
import { pick } from "../../../modules/encoding/json/pick.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import { parseUrl } from "../../http/url.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers, Offer } from "../market.js";
import { Api, type Ask, isPlain } from "./api.js";
import { PactumError } from "./errors.js";
import { readProvider } from "./input.js";
import type { Balance, Credentials, PactumOptions, Search, Settings, ShippingAddress } from "./options.js";
import { PactumPurchase } from "./purchase.js";
import type { Agent, Item, Message, Order } from "./shapes.js";
import * as shapes from "./shapes.js";
import { centsOf, keepCredit, type Provider } from "./topup.js";

/** Bytes of one element of a list, and of what is wanted of another answer. */
const ELEMENT_LIMIT = 4_096;
const ANSWER_LIMIT = 1_024;
const PAGE = 20;
const LARGEST_PAGE = 100;
/** A market without an end is not walked to it. */
const PAGES = 100;
/** Of an offer that is credit for the account: dollars come behind it. */
const TOP_UP = "topup:";

/**
 * @example
 * const pactum = new Pactum(means, { apiKey });
 * for await (const item of pactum.discover({ q: "funding rate", max_price: 0 })) show(item.name);
 * await pactum.buy({ offer: "item-1", input: '{"query":"BTC","payment_method":"credit"}' }, payers, deliver);
 */
export class Pactum implements Market {
	readonly name = "pactum";
	readonly #means: MarketDeps;
	readonly #api: Api;
	readonly #settings: Settings;

	constructor(means: MarketDeps, options: PactumOptions) {
		const { apiKey = "", network = "eip155:8453", patience = 600_000 } = options;
		const { gateway = "https://api.pactum.cc", walletService = "https://www.pactum.cc" } = options;
		const { paymentMethod = "escrow", address, rpc } = options;
		this.#means = means;
		this.#api = new Api(means, { gateway, wallet: walletService }, apiKey);
		this.#settings = { network, rpc, patience, paymentMethod, address };
	}

	// Provisioning: a person reads the code in a mail.

	/** Has a code of 6 digits mailed: for `verify`, or for `recover` where the address has an account. */
	async register(email: string): Promise<void> {
		const body = JSON.stringify({ email });
		const path = "/v1/register";
		await this.#api.tell({ method: "POST", host: "wallet", path, auth: "none", body, isRepeatable: false });
	}

	/** A new account. Throws `PactumError` `CodeRefused`: at once after the code was read is soon enough. */
	verify(email: string, code: string): Promise<Credentials> {
		return this.#credentials("/v1/verify", email, code);
	}

	/** A new API key for an account. The old one is dead from then on, and this client with it if it has that. */
	recover(email: string, code: string): Promise<Credentials> {
		return this.#credentials("/v1/recover", email, code);
	}

	// Browsing

	/** The items found, page by page as they are asked for. */
	discover(search: Search): AsyncGenerator<Item, void> {
		return this.#discover(search, shapes.ITEM_NAMES);
	}

	/** The sellers. What each has is found by `discover` with its wallet. */
	async *agents(): AsyncGenerator<Agent, void> {
		const ask: Ask = { method: "GET", host: "gateway", path: "/market/agents", auth: "none", isRepeatable: true };
		for await (const agent of this.#list(ask, "agents", shapes.AGENT_NAMES)) yield shapes.agentOf(agent);
	}

	find(query: string): AsyncGenerator<Offer, void> {
		return this.discover({ q: query });
	}

	/** Pactum has no way to ask for one item: this goes through all. Throws `PactumError` `NotFound`. */
	async quote(offer: string): Promise<Item> {
		for await (const item of this.#discover({ limit: LARGEST_PAGE }, shapes.PRICE_NAMES)) {
			if (item.id === offer) return item;
		}
		throw new PactumError("NotFound", `expected item ${offer} among those that discover finds: check the id`);
	}

	// Buying

	/**
	 * `wanted.input` is "" or a JSON object: `query`, for the seller; `payment_method`, "escrow" or "credit"; `file`, true
	 * for an item whose result is one. The result is delivered as that file, or as the order's JSON, which has it as
	 * `result`. The offer `topup:10` is no item: see `keepCredit`; its input may have a `provider`.
	 *
	 * What is free is bought without `payers.account`, which then has no record. Before anything was spent it throws
	 * `PactumError`, `ItemsError`, `PolicyError`, `LedgerError`, `HttpError`; at the end `LedgerError` alone.
	 */
	async buy(wanted: MarketOrder, { account }: MarketPayers, deliver: Deliver): Promise<Outcome> {
		const { offer, input } = wanted;
		const { patience } = this.#settings;
		if (offer.startsWith(TOP_UP)) {
			return keepCredit(this.#means, this, offer.slice(TOP_UP.length), readProvider(input), patience, deliver);
		}
		const means = { ...this.#means, api: this.#api, market: this };
		return new PactumPurchase(means, this.#settings, account, wanted, deliver).run();
	}

	/** Says by which transaction an escrow order was paid. Nothing is spent by it, however often. Returns the status. */
	async prove(item: string, order: string, transaction: string): Promise<string> {
		const ask: Ask = {
			method: "POST",
			host: "gateway",
			path: `/market/buy/${shapes.idOf(item)}`,
			auth: "token",
			headers: [
				["X-Payment-Proof", shapes.transactionOf(transaction)],
				["X-Order-Id", shapes.idOf(order)],
			],
			body: "{}",
			isRepeatable: true,
		};
		return shapes.textOf((await this.#api.read(ask, ["status"], ANSWER_LIMIT)).status);
	}

	async balance(): Promise<Balance> {
		const names = ["balance", "frozen", "available"];
		const { balance, frozen, available } = await this.#api.read(get("/market/credit/balance"), names, ANSWER_LIMIT);
		const priceOf = shapes.priceOf;
		return { balance: priceOf(balance), frozen: priceOf(frozen), available: priceOf(available) };
	}

	/** The balance as the market writes it. The body has to be read or closed. */
	balanceAnswer(): Promise<HttpResponse> {
		return this.#api.ask(get("/market/credit/balance"));
	}

	/**
	 * Credit for 1 to 500 dollars, whole cents, decimal: shows a person where to pay, by the event "checkout" of the log,
	 * and returns it. Whoever has the address can pay there, and nothing else. The balance grows when somebody has. Throws
	 * `PactumError` `TopUpOutOfRange`.
	 */
	async topup(amount: string, provider: Provider): Promise<string> {
		const body = `{"amount":${centsOf(amount) / 100},"provider":"${provider}"}`;
		const answer = await this.#api.read(post("/market/credit/topup", body), ["checkout_url"], ANSWER_LIMIT);
		const { href } = urlOf(answer.checkout_url);
		this.#means.log({ event: "checkout", market: this.name, amount, provider, url: href });
		return href;
	}

	// Orders

	/** All of the account's. */
	async *orders(): AsyncGenerator<Order, void> {
		for await (const order of this.#list(get("/market/orders"), "orders", shapes.ORDER_NAMES)) {
			yield shapes.orderOf(order);
		}
	}

	/** How an order is. Its result is left to `result`. */
	async order(id: string): Promise<Order> {
		const order = await this.#api.read(get(pathOf(id)), shapes.ORDER_NAMES, ANSWER_LIMIT);
		return shapes.orderOf(order, id);
	}

	/** An order as the market writes it, with its `result`, of whatever size. The body has to be read or closed. */
	result(id: string): Promise<HttpResponse> {
		return this.#api.ask(get(pathOf(id)));
	}

	/** Releases the payment to the seller, which happens by itself a day after delivery. */
	async confirm(id: string): Promise<void> {
		await this.#api.tell(post(`${pathOf(id)}/confirm`));
	}

	/**
	 * The file that was delivered, from the host that has it. The body has to be read or closed. Throws `PactumError`
	 * `NotFound` where there is none, `FileAddressUnsafe`, `AnswerUnexpected`.
	 */
	async file(id: string): Promise<HttpResponse> {
		const redirect = await this.#api.ask({ ...get(`${pathOf(id)}/file`), expected: 302 });
		const location = redirect.headers.get("location");
		await redirect.discard();
		if (redirect.status !== 302) {
			throw new PactumError("AnswerUnexpected", `expected 302 and where the file is, got ${redirect.status}`);
		}
		const { scheme, href, origin } = urlOf(location);
		if (scheme !== "https" && redirect.url.scheme === "https") {
			throw new PactumError("FileAddressUnsafe", `expected the file at an https address, got ${origin}`);
		}
		const response = await this.#api.fetch(href);
		if (response.status === 200) return response;
		await response.discard();
		// Its address is good for an hour: another one may do.
		throw new PactumError("AnswerUnexpected", `expected the file from ${origin}, got ${response.status}`);
	}

	/**
	 * Has the seller try a failed order again, without another payment; three times at most. Throws `PactumError`
	 * `NoRetriesLeft`.
	 */
	async retry(id: string): Promise<Order> {
		const answer = await this.#api.read(post(`${pathOf(id)}/retry`), shapes.ORDER_NAMES, ANSWER_LIMIT);
		return shapes.orderOf(answer, id);
	}

	/** Writes to the seller. */
	async send(id: string, content: string): Promise<void> {
		await this.#api.tell(post(`${pathOf(id)}/messages`, JSON.stringify({ content })));
	}

	async *messages(id: string): AsyncGenerator<Message, void> {
		for await (const message of this.#list(get(`${pathOf(id)}/messages`), "messages", shapes.MESSAGE_NAMES)) {
			yield shapes.messageOf(message);
		}
	}

	/** Freezes the payment until the market has decided whose it is. */
	async dispute(id: string, reason: string): Promise<void> {
		await this.#api.tell(post(`${pathOf(id)}/dispute`, JSON.stringify({ reason })));
	}

	/** Where physical items go: set before one is ordered. */
	async address({ name, street, city, state, postal_code, country }: ShippingAddress): Promise<void> {
		const body = JSON.stringify({ address: { name, street, city, state, postal_code, country } });
		await this.#api.tell({ ...post("/market/address", body), method: "PUT", isRepeatable: true });
	}

	async #credentials(path: string, email: string, code: string): Promise<Credentials> {
		const body = JSON.stringify({ email, code });
		const ask: Ask = { method: "POST", host: "wallet", path, auth: "none", body, secret: code, isRepeatable: false };
		const answer = await this.#api.read(ask, ["api_key", "wallet_address"], ANSWER_LIMIT);
		const { api_key: apiKey } = answer;
		if (!isPlain(apiKey)) {
			throw new PactumError("AnswerMalformed", `expected an API key from ${path}: recover the account`);
		}
		return { apiKey, wallet: shapes.textOf(answer.wallet_address) };
	}

	async *#discover(search: Search, names: readonly string[]): AsyncGenerator<Item, void> {
		const { limit = PAGE, offset = 0 } = search;
		for (let page = 0; page < PAGES; page++) {
			const body = JSON.stringify({ ...search, limit, offset: offset + page * limit });
			const path = "/market/discover";
			const ask: Ask = { method: "POST", host: "gateway", path, auth: "none", body, isRepeatable: true };
			let count = 0;
			for await (const item of this.#list(ask, "items", names)) {
				count++;
				yield shapes.itemOf(item);
			}
			if (count < limit) return;
		}
	}

	async *#list(ask: Ask, member: string, names: readonly string[]): AsyncGenerator<unknown, void> {
		const list = items(await this.#api.ask(ask), member, ELEMENT_LIMIT, undefined, names);
		for await (const item of list) yield pick(item, names);
	}
}

function get(path: string): Ask {
	return { method: "GET", host: "gateway", path, auth: "token", isRepeatable: true };
}

function post(path: string, body?: string): Ask {
	return {
		method: "POST",
		host: "gateway",
		path,
		auth: "token",
		isRepeatable: false,
		...(body !== undefined && { body }),
	};
}

function pathOf(order: string): string {
	return `/market/orders/${shapes.idOf(order)}`;
}

function urlOf(address: unknown) {
	try {
		return parseUrl(shapes.textOf(address));
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		// What is wrong with it may be a part of it, and it may be signed.
		throw new PactumError("AnswerMalformed", `expected an address from Pactum, got none (${error.name})`);
	}
}
