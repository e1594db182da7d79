/** Where the market may differ from one day to the next. A test assigns to it; the first value is the usual one. */
export interface PactumVariant {
	price: "number" | "string";
	/** What the wallet service calls the deposit's transaction. */
	depositField: "deposit_tx" | "tx_hash";
	/** True if `order_id_bytes32` begins with 0x. */
	bytes32Prefix: boolean;
	/** What the same proof gets once it was accepted: 400 because the order is no longer `created`, or the order as it is. */
	repeatedProof: "refused" | "accepted";
	/** Put over the fields of the 402, and of its `escrow`: a market that lies about what it is paid. */
	terms: Readonly<Record<string, unknown>>;
	escrow: Readonly<Record<string, unknown>>;
}
