/** Reads amounts that a market sends; they are bounded before anything is written or summed. */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";

/** The most digits of base units that are accepted: a million million dollars in millionths. */
const LONGEST = 18;

/** Returns base units from decimal digits; `undefined` for anything else, and for an implausibly high amount. */
export function amountOf(value: unknown): Uint8Array | undefined {
	try {
		return typeof value === "string" && value.length <= LONGEST ? uint256.fromDecimal(value) : undefined;
	} catch {
		return undefined;
	}
}

/** Returns the base units of a decimal amount in whole units; `undefined` for too many decimals, and as `amountOf` does. */
export function parseAmount(text: string, decimals: number): Uint8Array | undefined {
	try {
		return text.length <= LONGEST + 1 ? amountOf(uint256.toDecimal(units.parse(text, decimals))) : undefined;
	} catch {
		return undefined;
	}
}
