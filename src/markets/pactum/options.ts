/** The owner's options for Pactum. */

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
	/** Milliseconds for which a paid order is waited for. */
	readonly patience?: number;
	/** Default for plans that name none; "escrow" if not given, as at the market. */
	readonly paymentMethod?: PaymentMethod;
	/** Shipping address of physical items, set at the market when an order needs it. */
	readonly address?: ShippingAddress;
}

/** The options of purchases, with the defaults filled in. */
export interface PactumSettings {
	readonly network: string;
	readonly rpc: string | undefined;
	readonly patience: number;
	readonly paymentMethod: PaymentMethod;
	readonly address: ShippingAddress | undefined;
}

export type PaymentMethod = "credit" | "escrow";

/** US dollars, decimal. What is frozen is part of the balance. */
export interface PactumBalance {
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
