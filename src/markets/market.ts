/**
 * The interface between the agent's plans and a market. A market is one folder, `src/markets/NAME`, and one line in
 * `src/markets/list.json`:
 *
 * | file | |
 * |---|---|
 * | `kind.ts` | exports `kind`: its name and title, and how its part of the configuration becomes a market |
 * | `manifest.json` | the modules that are in the image, and `config.markets.NAME` |
 * | `operations.ts` or `operations/` | operations that no plan and no console command reaches: not in the image |
 * | `catalogue.ts` | for Node: each operation with its test, and the demonstration's purchases |
 *
 * The rest is the market's client, built from `kit/`.
 */

import type { Signer } from "../../modules/signer/signer.js";
import type { Field } from "../configuration/field.js";
import type { Clock } from "../device/clock.js";
import type { Timer } from "../device/timer.js";
import type { HttpClient } from "../http/client.js";
import type { AccountCharge } from "../wallet/account_charge.js";
import type { Purchase } from "../wallet/purchase.js";
import type { Deliver, Outcome } from "../x402/client.js";

/** Dependencies of a market's client. */
export interface MarketDeps {
	readonly http: HttpClient;
	readonly timer: Timer;
	readonly clock: Clock;
	readonly keys: Signer;
	readonly random: (buffer: Uint8Array) => void;
	/** Emits an event for a person: a checkout address, a wait. Never contains a secret. */
	readonly log: (event: object) => void;
}

/** An offer of a market. */
export interface Offer {
	readonly id: string;
	readonly name: string;
	/** In US dollars as the market writes it, decimal; "0" for free; `undefined` if only a request shows it. */
	readonly price: string | undefined;
}

/** An order by a plan. */
export interface MarketOrder {
	/** The market's own id of an offer, tool, item or endpoint. */
	readonly offer: string;
	/** The input of the offer: JSON text, or "". */
	readonly input: string;
}

/** The two ways in which money leaves: by the wallet's own signature, or by a charge to the market account. */
export interface MarketPayers {
	readonly x402: Purchase;
	readonly account: AccountCharge;
}

export interface Market {
	readonly name: string;
	/**
	 * Buys, or resumes a purchase that a restart interrupted. Before anything that costs money has left, throws the error that
	 * stopped it. After that it does not throw: the outcome says what is known.
	 */
	buy(order: MarketOrder, payers: MarketPayers, deliver: Deliver): Promise<Outcome>;
}

/** A market as the firmware has opened it. */
export interface OpenMarket {
	readonly market: Market;
	/** The seller's origin, as rules name it. */
	readonly origin: string;
}

/** A kind of market that a firmware can include. The code of a market that is not listed is not in the image. */
export interface MarketKind {
	/** The name of its folder, of its member of `markets` in the configuration, and of a plan's `market`. */
	readonly name: string;
	/** Title in documents, for people. */
	readonly title: string;
	/** Opens the market with its part of the configuration. Throws `ConfigurationError`. */
	open(field: Field, deps: MarketDeps): OpenMarket;
}
