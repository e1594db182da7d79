/**
 * The owner's rules. Refuse by default: a payment that no rule allows is not signed.
 */

/**
 * A way for money to leave: one of the methods of a scheme (`src/x402/schemes/`), which the wallet's key signs, or "account":
 * a market charges an account there.
 */
export type PaymentMethod = string;

/** A token on a chain, or the unit of an account, as the owner configures it. */
export interface Asset {
	/** CAIP-2, or `account:` and the market. */
	readonly network: string;
	/** The token's address in its scheme's canonical form, or the market's name for its unit. */
	readonly address: string;
	/** Its name and version in the signed data (EIP-712): a seller's terms must name the same. */
	readonly name: string;
	readonly version: string;
	/** For display only, never for arithmetic. */
	readonly symbol: string;
	readonly decimals: number;
}

export interface Rule {
	/**
	 * The ledger counts under this name. Spending under a name that the configuration no longer has still counts for every rule
	 * for the same origin and asset.
	 */
	readonly name: string;
	/** The seller: scheme, host and port (RFC 6454). */
	readonly origin: string;
	readonly asset: Asset;
	readonly methods: readonly PaymentMethod[];
	/** Canonical addresses that may be paid. If empty: any that the seller names over TLS. */
	readonly payTo: readonly string[];
	/** The path that may be paid for. If it ends in "/", all paths below it; "/" allows any. */
	readonly resource: string;
	/** Base units, in decimal: text takes an eighth of the memory that 32 bytes take. */
	readonly maxPerPayment: string;
	readonly maxPerWindow: string;
	readonly maxForLife: string;
	/** The most signatures in a window, whatever their outcome. */
	readonly maxCountPerWindow: number;
	readonly windowSeconds: number;
	/** The longest that a signature may stay spendable. */
	readonly maxValiditySeconds: number;
	/** True if a repeat purchase may pay on its first request, by the last purchase's terms. */
	readonly prepay: boolean;
}
