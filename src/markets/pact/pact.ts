/**
 * Pact Network Market: calls of paid services through a gateway that insures them. A failed or slow call is refunded. A plan
 * buys calls; the operations that no plan needs are functions over the same client, in `operations.ts`.
 */
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers } from "../market.js";
import { type AcceptedSignatures, Call } from "./call.js";
import type { PactClient } from "./client.js";
import { type PactRequest, requestOfOffer } from "./request.js";
import { type PactOptions, settingsOf } from "./settings.js";

export class Pact implements Market {
	readonly name = "pact";
	/** The argument of this market's operations. */
	readonly client: PactClient;
	/** The signature version that the market accepted last. */
	readonly #signatures: AcceptedSignatures = { version: "v2" };

	constructor(deps: MarketDeps, options: PactOptions) {
		this.client = { deps, settings: settingsOf(options) };
	}

	/** Calls `order.offer` (see `requestOfOffer`) with `order.input` as its body. */
	async buy({ offer, input }: MarketOrder, { account }: MarketPayers, deliver: Deliver): Promise<Outcome> {
		return this.call(requestOfOffer(offer, input), account, deliver);
	}

	/** Makes one call and records its premium in the ledger; see `call.ts`. It ends the charge itself. */
	async call(request: PactRequest, account: AccountCharge, deliver: Deliver): Promise<Outcome> {
		return new Call(this.client, account, deliver, this.#signatures).run(request);
	}
}
