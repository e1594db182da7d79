/** Arguments and results of PayanAgent's operations, under the market's own names. */
import type { Json } from "../../kit/fields.js";
import type { OfferType } from "../offer.js";
import type { Agent, Receipt, WorkRequest } from "./documents.js";

export interface OfferFilter {
	readonly sort?: "top" | "price" | "new";
	readonly q?: string;
	readonly category?: string;
	readonly offerType?: OfferType;
	/** On one page; 20 if not given, 200 with `q` or `category`. */
	readonly limit?: number;
}

export interface Discovery {
	readonly q: string;
	readonly category?: string;
	readonly maxPriceCents?: number;
	readonly offerType?: OfferType;
	/** For each kind; 5 by default: agents and requests are held in memory until the end. */
	readonly limit?: number;
}

/** Results besides offers. */
export interface Discovered {
	readonly agents: readonly Pick<Agent, "id" | "name" | "description">[];
	readonly openRequests: readonly Pick<WorkRequest, "id" | "title" | "budgetMaxCents">[];
}

export interface NewAgent {
	readonly name: string;
	readonly description: string;
	readonly walletAddress: string;
	readonly chain?: "base";
	readonly tags?: readonly string[];
	readonly providerType?: "agent" | "saas" | "api";
	readonly agentUrl?: string;
	readonly ownerEmail?: string;
}

export interface Registration {
	readonly agentId: string;
	/** A secret that is shown only once. */
	readonly apiKey: string;
	readonly apiKeyPrefix: string;
}

export interface NewOffer {
	readonly title: string;
	readonly description: string;
	readonly category: string;
	readonly tags?: readonly string[];
	readonly priceCents: number;
	readonly offerType: OfferType;
	/** Only for `api`. */
	readonly endpoint?: string;
	readonly httpMethod?: "GET" | "POST";
	/** Only for `download`. */
	readonly fileUrl?: string;
	readonly inputSchema?: Json;
}

/** A receipt compared with the ledger. */
export interface ReceiptCheck {
	readonly receipt: Receipt;
	/** The fields that differ; empty if none does. */
	readonly differs: readonly ("amount" | "transaction")[];
}
