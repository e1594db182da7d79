import type { MarketDeps } from "../market.js";
import type { PactSettings } from "./settings.js";

/** Dependencies of calls and operations. */
export interface PactClient {
	readonly deps: MarketDeps;
	readonly settings: PactSettings;
}
