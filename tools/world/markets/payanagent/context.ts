/** State that the parts of the market share. */
import type { Request } from "express";
import type { Address } from "viem";
import type { Chain } from "../../chain.js";
import type { Seller } from "../../seller.js";
import type { V1Seller } from "../../v1_seller.js";
import type { Clock } from "../clock.js";
import type { Agents } from "./agents.js";
import type { Limits } from "./limits.js";
import { inDollars, type Micros } from "./money.js";
import type { Offers } from "./offers.js";
import type { Receipts } from "./receipts.js";
import type { Checkout } from "./shop/checkout.js";
import type { Upstream } from "./upstream.js";

/** The market's behaviour where the document leaves it open. A test changes it at any time. */
export interface Variants {
	/** The JSON type of `priceUsd` and `amountUsd`. */
	priceUsd: "number" | "string";
	/**
	 * The place of a single agent, offer or receipt: an agent is the body itself and the others are wrapped; or all one way.
	 */
	single: "real" | "flat" | "wrapped";
	/** The name of ids. */
	id: "_id" | "id";
}

export interface Context {
	readonly chain: Chain;
	readonly clock: Clock;
	readonly checkout: Checkout;
	readonly limits: Limits;
	readonly variants: Variants;
	readonly agents: Agents;
	readonly offers: Offers;
	readonly receipts: Receipts;
	readonly upstream: Upstream;
	/** The sellers of the ecosystem, whose own terms are relayed. */
	readonly sellers: { readonly v2: Seller; readonly v1: V1Seller };
	/** Holds what is in escrow. */
	readonly escrow: Address;
}

export const dollars = ({ variants }: Context, price: Micros): number | string =>
	variants.priceUsd === "number" ? Number(inDollars(price)) : inDollars(price);

export const single = ({ variants }: Context, name: "agent" | "offer" | "receipt", fields: object): object => {
	const isFlat = variants.single === "flat" || (variants.single === "real" && name === "agent");
	return isFlat ? fields : { [name]: fields };
};

/** Counts a request of a public endpoint. @throws {Refusal} 429 */
export const countPublic = ({ limits }: Context, request: Pick<Request, "ip">, namesTime = true): void =>
	limits.take("public", request.ip ?? "", namesTime);
