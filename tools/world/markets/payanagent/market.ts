/**
 * A local PayanAgent: every operation of its document; native offers charged by the market, those of the ecosystem relayed
 * to official sellers of x402 v2 and v1 with terms of their own; everything settles on the local chain.
 *
 * Its answers are those of derNif/payanagent 31ce5fa. Each file names its sources there, below `src`. What differs: ids are words, a
 * relayed offer may settle on the local chain, cursors and text search are simpler, and `priceCents` of native offers
 * may be a fraction of a cent.
 *
 * The rate limits are those of the real one: 30 public requests a minute from one address. A test that is about
 * something else sets `market.limits.public = Infinity`.
 *
 * @example
 * const market = await startPayanAgent(chain);
 * market.script.next("/x402/temperature", { name: "answer", status: 503, headers: { "Retry-After": "2" } });
 * market.faults.add("/x402/temperature", { name: "handler-status", status: 500 }); // 502 Payment settled but …
 * market.sellers.v2.faults.add("/data/relayed", { name: "settle-lost", message: "lost" });
 * // … the device does its work at market.url …
 * t.is(market.receipts.all.length, 1);
 * await market.stop();
 */
import type { Address } from "viem";
import { type Chain, newSender } from "../../chain.js";
import { type Seller, startSeller } from "../../seller.js";
import { startV1Seller, type V1Seller } from "../../v1_seller.js";
import { Clock } from "../clock.js";
import { agentRoutes } from "./agent_routes.js";
import { type Agent, Agents } from "./agents.js";
import { buyRoutes } from "./buy.js";
import { gaugeResources, stock } from "./catalogue.js";
import type { Context, Variants } from "./context.js";
import { discoveryRoutes } from "./discovery.js";
import { Limits } from "./limits.js";
import { offerRoutes } from "./offer_routes.js";
import { Offers } from "./offers.js";
import { receiptRoutes } from "./receipt_routes.js";
import { type Receipt, Receipts } from "./receipts.js";
import { sayRefusal } from "./refusal.js";
import { type Job, requestRoutes } from "./requests.js";
import { openCheckout } from "./shop/checkout.js";
import { type Site, startSite } from "./shop/site.js";
import { startUpstream, type Upstream } from "./upstream.js";

export interface PayanAgent extends Site {
	readonly variants: Variants;
	/** Moves rate limits and the 7 days after a delivery. */
	readonly clock: Clock;
	readonly limits: Limits;
	/** May be changed: `add` gives an offer to the catalogue. */
	readonly offers: Offers;
	readonly receipts: Receipts;
	readonly requestsOfBuyers: readonly Job[];
	/** The services of the native offers: what came to them was paid for. */
	readonly upstream: Upstream;
	/** The sellers of the ecosystem, with faults and requests of their own. */
	readonly sellers: { readonly v2: Seller; readonly v1: V1Seller };
	/** The address that holds escrows. */
	readonly escrow: Address;
	/** The agent that sells the native offers. */
	readonly nativeSeller: Agent;
	/** Registers without the limit. */
	newAgent(walletAddress: Address, name?: string): { readonly id: string; readonly apiKey: string };
	/** A receipt as the market answered it: whether the server made its signature. */
	isGenuine(receipt: { readonly id: string; readonly signature: string }): boolean;
	/** Every API key given out: none may be in a log. */
	secrets(): string[];
}

/** Starts it, its services and the ecosystem's sellers. The chain is the caller's to stop, later. */
export async function startPayanAgent(chain: Chain): Promise<PayanAgent> {
	const clock = new Clock();
	const [checkout, v2, v1, upstream] = await Promise.all([
		openCheckout(chain),
		startSeller(chain, gaugeResources),
		startV1Seller(chain),
		startUpstream(),
	]);
	const context: Context = {
		chain,
		clock,
		checkout,
		limits: new Limits(clock),
		variants: { priceUsd: "number", single: "real", id: "_id" },
		agents: new Agents(),
		offers: new Offers(),
		receipts: new Receipts(clock),
		upstream,
		sellers: { v2, v1 },
		escrow: newSender(),
	};
	const { agents, offers, receipts } = context;
	const nativeSeller = stock(context);
	const jobs: Job[] = [];
	const site = await startSite({
		paymentHeaders: ["payment-signature", "x-payment"],
		routes: (app) => {
			buyRoutes(app, context);
			agentRoutes(app, context);
			offerRoutes(app, context);
			requestRoutes(app, context, jobs);
			receiptRoutes(app, context);
			discoveryRoutes(app, context, jobs);
		},
		refuse: sayRefusal,
	});
	const { variants, limits, escrow } = context;
	return {
		...site,
		variants,
		clock,
		limits,
		offers,
		receipts,
		requestsOfBuyers: jobs,
		upstream,
		sellers: context.sellers,
		escrow,
		nativeSeller,
		newAgent: (walletAddress, name = "A test's agent") => {
			const { agent, apiKey } = agents.register({ name, walletAddress, chain: "base" });
			return { id: agent.id, apiKey };
		},
		isGenuine: ({ id, signature }) => {
			const receipt: Receipt | undefined = receipts.all.find((each) => each.id === id);
			return receipt !== undefined && receipts.signature(receipt) === signature;
		},
		secrets: () => [...agents.keys],
		stop: async () => {
			await Promise.all([site.stop(), v1.stop(), v2.stop(), upstream.stop()]);
		},
	};
}
