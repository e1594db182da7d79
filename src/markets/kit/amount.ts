/** Amounts that a market names, before anything is written or summed by them. */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";

/** The most digits of base units that are believed: a million million dollars in millionths. */
const LONGEST = 18;

/** Base units in decimal; `undefined` for anything else, and for more than anything costs. */
export function amountOf(value: unknown): Uint8Array | undefined {
	try {
		return typeof value === "string" && value.length <= LONGEST ? uint256.fromDecimal(value) : undefined;
	} catch {
		return undefined;
	}
}

/** Base units of a decimal amount in whole units; `undefined` for more decimals than there are, and as `amountOf`. */
export function parseAmount(text: string, decimals: number): Uint8Array | undefined {
	try {
		return text.length <= LONGEST + 1 ? amountOf(uint256.toDecimal(units.parse(text, decimals))) : undefined;
	} catch {
		return undefined;
	}
}
