import type { MarketDeps } from "../market.js";
import type { PactSettings } from "./settings.js";

/** What calls and operations work with. */
export interface PactClient {
	readonly deps: MarketDeps;
	readonly settings: PactSettings;
}
