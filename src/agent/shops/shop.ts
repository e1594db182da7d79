/**
 * How a market's part of the configuration becomes a market. The firmware's entry is given the ones it has; the code of
 * the others is not in the image.
 */
import type { MarketMeans } from "../../markets/market.js";
import type { Shop } from "../deal.js";
import type { Field } from "../field.js";

export interface ShopKind {
	/** In the configuration: of `markets`, and of a plan's `market`. */
	readonly name: string;
	/** Throws `ConfigurationError`. */
	open(field: Field, means: MarketMeans): Shop;
}
