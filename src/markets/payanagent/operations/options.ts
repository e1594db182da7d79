/** Arguments and results of PayanAgent's operations, under the market's own names. */
import type { Json } from "../../kit/fields.js";
import type { OfferType } from "../offer.js";
import type { Agent, Receipt, WorkRequest } from "./documents.js";

export interface OfferFilter {
	readonly sort?: "top" | "price" | "new";
	readonly q?: string;
	readonly category?: string;
	readonly offerType?: OfferType;
	/** Of one page. */
	readonly limit?: number;
}

export interface Discovery {
	readonly q: string;
	readonly category?: string;
	readonly maxPriceCents?: number;
	readonly offerType?: OfferType;
	/** Of each kind; 5 if not given: agents and requests are held until the end. */
	readonly limit?: number;
}

/** What is found beside offers. */
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
	/** A secret, and shown this once. */
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
	/** Of `api` only. */
	readonly endpoint?: string;
	readonly httpMethod?: "GET" | "POST";
	/** Of `download` only. */
	readonly fileUrl?: string;
	readonly inputSchema?: Json;
}

/** A receipt held against what the ledger knows. */
export interface ReceiptCheck {
	readonly receipt: Receipt;
	/** What does not agree; empty when all does. */
	readonly differs: readonly ("amount" | "transaction")[];
}
