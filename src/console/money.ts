/** Amounts for people. */
import * as units from "../../modules/encoding/units.js";
import type { Asset } from "../wallet/rule.js";

/** Formats base units (32 bytes, or decimal) for a person: "0.01 USDC". */
export function money(amount: Uint8Array | string, { symbol, decimals }: Pick<Asset, "symbol" | "decimals">): string {
	return `${typeof amount === "string" ? units.formatDigits(amount, decimals) : units.format(amount, decimals)} ${symbol}`;
}
