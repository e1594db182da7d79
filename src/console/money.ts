/** Amounts for people. */
import * as units from "../../modules/encoding/units.js";
import type { Asset } from "../wallet/rule.js";

/** Base units as a person writes them: "0.01 USDC". */
export function money(amount: Uint8Array, { symbol, decimals }: Pick<Asset, "symbol" | "decimals">): string {
	return `${units.format(amount, decimals)} ${symbol}`;
}
