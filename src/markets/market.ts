/**
 * The interface of markets to the agent's plans. A market is one folder, `src/markets/NAME`, and one line in
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
	/** Emits an event for a person: a checkout address, a wait. Never a secret. */
	readonly log: (event: object) => void;
}

/** Something on offer. */
export interface Offer {
	readonly id: string;
	readonly name: string;
	/** In US dollars as the market writes it, decimal; "0" for free; `undefined` when only asking tells. */
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
	 * Buys, or resumes what a restart interrupted. As `buy` of x402: before anything that costs has left it throws what
	 * stopped it; after that it does not throw, the outcome says what is known.
	 */
	buy(order: MarketOrder, payers: MarketPayers, deliver: Deliver): Promise<Outcome>;
}

/** A market as the firmware has set it up. */
export interface OpenMarket {
	readonly market: Market;
	/** The seller that rules name. */
	readonly origin: string;
}

/** A kind of market that a firmware can have. The code of a market that is not listed is not in the image. */
export interface MarketKind {
	/** Name of its folder, of its part of `markets` in the configuration, and of a plan's `market`. */
	readonly name: string;
	/** Title in documents, for people. */
	readonly title: string;
	/** Sets up the market by its part of the configuration. Throws `ConfigurationError`. */
	open(field: Field, deps: MarketDeps): OpenMarket;
}
