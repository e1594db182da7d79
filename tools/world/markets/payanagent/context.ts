/** What the parts of the market share. */
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

/** Where the document says nothing, or leaves a choice: what the market does. A test changes them at any time. */
export interface Variants {
	/** What `priceUsd` and `amountUsd` are in JSON. */
	priceUsd: "number" | "string";
	/** True if one agent, offer or receipt is the body itself, or under `agent`, `offer`, `receipt`. */
	single: "flat" | "wrapped";
	/** Who finds out that the input is not as `inputSchema` says: the seller, once it is paid; or the market, before. */
	inputCheckedBy: "seller" | "market";
	/** Who sees `outputPayload` of a request: all, or its buyer and provider with their keys. */
	outputPayload: "public" | "parties";
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

export const single = ({ variants }: Context, name: string, fields: object): object =>
	variants.single === "flat" ? fields : { [name]: fields };

/** Counts a request of a public endpoint. @throws {Refusal} 429 */
export const countPublic = ({ limits }: Context, request: Pick<Request, "ip">): void =>
	limits.take("public", request.ip ?? "");
