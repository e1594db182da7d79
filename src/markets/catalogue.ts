/**
 * The type of `catalogue` in a market's `catalogue.ts`, for Node: `docs/markets.md` and `npm start` are generated from it.
 */

/** An operation of the market's document. */
export interface MarketOperation {
	/** Method and path, as in the market's document. */
	readonly request: string;
	/** The function or method that makes it. */
	readonly method: string;
	readonly from: Reached;
	/** The title of its test. */
	readonly test: string;
}

/** The way to an operation. One that is not in the image is for programs on Node. */
export type Reached = "a plan" | `console: ${string}` | "not in the image";

/** A purchase of the demonstration at the local market; it ends as delivered unless `ends` says otherwise. */
export interface DemonstrationPurchase {
	readonly name: string;
	readonly offer: string;
	readonly input?: object;
	readonly maxAmount?: string;
	readonly ends?: "refused" | "unknown";
}

export interface MarketCatalogue {
	readonly operations: readonly MarketOperation[];
	readonly demonstration: readonly DemonstrationPurchase[];
}
