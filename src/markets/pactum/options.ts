/** The owner's options for Pactum. */

export interface PactumOptions {
	/** `pk_live_…`. Not needed to browse, register, verify and recover. */
	readonly apiKey?: string;
	/** Origins, without a path. */
	readonly gateway?: string;
	readonly walletService?: string;
	/** The chain of its escrows, CAIP-2. */
	readonly network?: string;
	/** A JSON-RPC node of that chain, for a deposit whose answer was lost. Its address may be a secret. */
	readonly rpc?: string;
	/** Milliseconds to wait for a paid order. */
	readonly patience?: number;
	/** The default for plans that name none; "escrow" unless set, as at the market. */
	readonly paymentMethod?: PaymentMethod;
	/** The shipping address of physical items, set at the market when an order needs it. */
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

/** US dollars, decimal. The frozen amount is part of the balance. */
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
