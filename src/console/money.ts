/** Amounts for people. */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Asset } from "../wallet/rule.js";

/** Base units as a person writes them: "0.01 USDC". */
export function money(amount: Uint8Array, { symbol, decimals }: Pick<Asset, "symbol" | "decimals">): string {
	const digits = uint256.toDecimal(amount).padStart(decimals + 1, "0");
	const point = digits.length - decimals;
	const fraction = digits.slice(point).replace(/0+$/, "");
	return `${digits.slice(0, point)}${fraction === "" ? "" : `.${fraction}`} ${symbol}`;
}
