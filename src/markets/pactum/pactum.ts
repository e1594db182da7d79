/**
 * Pactum, a marketplace where agents buy services: free, by the credit of an account, or by USDC in an escrow on Base, which
 * a hosted wallet deposits. A plan buys here; the operations that no plan needs are functions over the same client, in
 * `operations.ts`.
 */

import type { Deliver, Outcome } from "../../x402/client.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers } from "../market.js";
import { PactumApi } from "./api.js";
import { readProvider } from "./input.js";
import type { PactumOptions, PactumSettings } from "./options.js";
import { PactumPurchase } from "./purchase.js";
import { TopUp } from "./topup.js";

/** Prefix of an offer that tops up the account, in dollars. */
const TOP_UP = "topup:";

/**
 * @example
 * const pactum = new Pactum(deps, { apiKey });
 * await pactum.buy({ offer: "item-1", input: '{"query":"BTC","payment_method":"credit"}' }, payers, deliver);
 */
export class Pactum implements Market {
	readonly name = "pactum";
	/** The client for this market's operations. */
	readonly api: PactumApi;
	readonly #settings: PactumSettings;
	readonly #topUp: TopUp;

	constructor(deps: MarketDeps, options: PactumOptions) {
		const { apiKey = "", network = "eip155:8453", patience = 600_000 } = options;
		const { gateway = "https://api.pactum.cc", walletService = "https://www.pactum.cc" } = options;
		const { paymentMethod = "escrow", address, rpc } = options;
		this.api = new PactumApi(deps, { gateway, wallet: walletService }, apiKey);
		this.#topUp = new TopUp(this.api);
		this.#settings = { network, rpc, patience, paymentMethod, address };
	}

	/**
	 * Buys an item. `order.input` is "" or a JSON object: `query`, for the seller; `payment_method`, "escrow" or "credit";
	 * `file`, true for an item whose result is one. Delivers the result as that file, or as the order's JSON, which has it as
	 * `result`. The offer `topup:10` is no item: see `TopUp`; its input may have a `provider`.
	 *
	 * A free item is bought without `payers.account`, which then has no record. Before any money is spent, throws
	 * `PactumError`, `ItemsError`, `PolicyError`, `LedgerError`, `HttpError`; at the end only `LedgerError`.
	 */
	async buy(order: MarketOrder, { account }: MarketPayers, deliver: Deliver): Promise<Outcome> {
		const { offer, input } = order;
		if (!offer.startsWith(TOP_UP)) {
			return new PactumPurchase(this.api, this.#settings, account, order, deliver).run();
		}
		return this.#topUp.keep(offer.slice(TOP_UP.length), readProvider(input), deliver);
	}
}
