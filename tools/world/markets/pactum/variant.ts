/**
 * Aspects in which the market may change from one day to the next. A test assigns to it; the first value is the usual one.
 */
export interface PactumVariant {
	price: "number" | "string";
	/** The wallet service's name for the deposit's transaction. */
	depositField: "deposit_tx" | "tx_hash";
	/** True if `order_id_bytes32` begins with 0x. */
	bytes32Prefix: boolean;
	/**
	 * The answer to a proof that was already accepted: 400 because the order is no longer `created`, or the order unchanged.
	 */
	repeatedProof: "refused" | "accepted";
	/** Put over the fields of the 402, and of its `escrow`: a market that lies about what it is paid. */
	terms: Readonly<Record<string, unknown>>;
	escrow: Readonly<Record<string, unknown>>;
}
