/**
 * What the owner allows. Refuse by default: a payment that no rule names is not signed.
 */

/**
 * How money may leave: by one of the methods of a scheme (`src/x402/schemes/`), which the wallet's key signs, or "account":
 * by a market, from an account there.
 */
export type PaymentMethod = string;

/** A token on a chain, or the unit of an account, as the owner knows it. */
export interface Asset {
	/** CAIP-2, or `account:` and the market. */
	readonly network: string;
	/** The token's address in its scheme's canonical form, or the market's name for its unit. */
	readonly address: string;
	/** Its name and version in what is signed (EIP-712): a seller's terms must name the same. */
	readonly name: string;
	readonly version: string;
	/** For people: never used in arithmetic. */
	readonly symbol: string;
	readonly decimals: number;
}

export interface Rule {
	/**
	 * The ledger counts under this name. What was spent under a name that the configuration no longer has still counts for
	 * every rule for the same origin and asset.
	 */
	readonly name: string;
	/** The seller: scheme, host and port (RFC 6454). */
	readonly origin: string;
	readonly asset: Asset;
	readonly methods: readonly PaymentMethod[];
	/** Canonical addresses that may be paid; empty: whichever the seller names, over TLS. */
	readonly payTo: readonly string[];
	/** The path that may be paid for, or all below it when it ends in "/"; "/" for any. */
	readonly resource: string;
	/** Base units, in decimal: text takes an eighth of the memory that 32 bytes take. */
	readonly maxPerPayment: string;
	readonly maxPerWindow: string;
	readonly maxForLife: string;
	/** Signatures in a window, whatever became of them. */
	readonly maxCountPerWindow: number;
	readonly windowSeconds: number;
	/** How long a signature may stay spendable. */
	readonly maxValiditySeconds: number;
	/** True if a repeat purchase may pay on its first request, by the terms of the last. */
	readonly prepay: boolean;
}
