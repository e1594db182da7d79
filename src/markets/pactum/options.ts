/** How the owner has set up Pactum, and what its operations are given and give. */

export interface PactumOptions {
	/** `pk_live_…`. Not needed to browse, to register, to verify and to recover. */
	readonly apiKey?: string;
	/** Schemes and hosts, without a path. */
	readonly gateway?: string;
	readonly walletService?: string;
	/** The chain that its escrows are on, CAIP-2. */
	readonly network?: string;
	/** A node of that chain, by Ethereum's JSON-RPC, for a deposit whose answer was lost. Its address may be a secret. */
	readonly rpc?: string;
	/** Milliseconds for which a paid order is waited for, and a person at a checkout. */
	readonly patience?: number;
	/** What an order is paid by that does not say it itself; "escrow" if not given, as at the market. */
	readonly paymentMethod?: PaymentMethod;
	/** Where physical items go: set at the market when it asks for it. */
	readonly address?: ShippingAddress;
}

/** What purchases go by, with nothing left open. */
export interface Settings {
	readonly network: string;
	readonly rpc: string | undefined;
	readonly patience: number;
	readonly paymentMethod: PaymentMethod;
	readonly address: ShippingAddress | undefined;
}

export type PaymentMethod = "credit" | "escrow";

/** All optional; names and values are the market's. */
export interface Search {
	/** In name, description and features. */
	readonly q?: string;
	readonly tags?: readonly string[];
	readonly type?: "digital" | "physical";
	/** US dollars; 0 for free items only. */
	readonly max_price?: number;
	/** A seller's wallet. */
	readonly seller?: string;
	readonly sort?: "relevance" | "price_asc" | "price_desc" | "rating" | "newest";
	/** Items of a page, 1 to 100; 20 if not given. All pages are walked. */
	readonly limit?: number;
	/** Items passed over. */
	readonly offset?: number;
}

export interface Credentials {
	/** A secret: it can spend what the account has. */
	readonly apiKey: string;
	readonly wallet: string;
}

/** US dollars, decimal. What is frozen is part of the balance. */
export interface Balance {
	readonly balance: string;
	readonly frozen: string;
	readonly available: string;
}

export interface ShippingAddress {
	readonly name: string;
	readonly street: string;
	readonly city: string;
	readonly state: string;
	readonly postal_code: string;
	readonly country: string;
}
