/**
 * What every market looks like to the agent's plans: find an offer, ask its price, buy it, follow an order to its end. A
 * market has its own operations beside these.
 */

import type { Signer } from "../../modules/signer/signer.js";
import type { Field } from "../configuration/field.js";
import type { Clock } from "../device/clock.js";
import type { Timer } from "../device/timer.js";
import type { HttpClient } from "../http/client.js";
import type { AccountCharge } from "../wallet/account_charge.js";
import type { Purchase } from "../wallet/purchase.js";
import type { Deliver, Outcome } from "../x402/client.js";

/** What a market's client works with. */
export interface MarketDeps {
	readonly http: HttpClient;
	readonly timer: Timer;
	readonly clock: Clock;
	readonly keys: Signer;
	readonly random: (buffer: Uint8Array) => void;
	/** For a person: a checkout address, a wait. Never a secret. */
	readonly log: (event: object) => void;
}

/** Something on offer. */
export interface Offer {
	readonly id: string;
	readonly name: string;
	/** In US dollars as the market writes it, decimal; "0" for free; `undefined` when only asking tells. */
	readonly price: string | undefined;
}

/** What a plan wants of a market. */
export interface Wanted {
	/** The market's own id of an offer, tool, item or endpoint. */
	readonly offer: string;
	/** What the offer is to be given: JSON text, or "". */
	readonly input: string;
}

/** The two ways in which money leaves: by the wallet's own signature, or by the market on the account's word. */
export interface Payers {
	readonly x402: Purchase;
	readonly account: AccountCharge;
}

export interface Market {
	readonly name: string;
	/** Offers that match, one after the other; pages are asked for as they are needed. */
	find(query: string): AsyncGenerator<Offer, void>;
	/** One offer, with its price. */
	quote(offer: string): Promise<Offer>;
	/**
	 * Buys, or goes on with what a restart interrupted. As `buy` of x402: before anything that costs has left it throws what
	 * stopped it; after that it does not throw, the outcome says what is known.
	 */
	buy(wanted: Wanted, payers: Payers, deliver: Deliver): Promise<Outcome>;
}

/** A market as the firmware has set it up. */
export interface OpenMarket {
	readonly market: Market;
	/** The seller that rules name. */
	readonly origin: string;
}

/** How a market's part of the configuration becomes a market. The code of a market that is not listed is not in the image. */
export interface MarketKind {
	/** In the configuration: of `markets`, and of a plan's `market`. */
	readonly name: string;
	/** Throws `ConfigurationError`. */
	open(field: Field, deps: MarketDeps): OpenMarket;
}
