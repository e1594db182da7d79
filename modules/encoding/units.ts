/**
 * Converts between a token's decimal amounts and base units: "0.015" at 6 decimals is 15000. Like viem's `parseUnits` and
 * `formatUnits`, but over 32 bytes, and nothing is ever rounded: an amount that cannot be represented exactly is refused.
 *
 * No regular expressions: one costs XS more stack than all the rest of a display.
 */
import { EncodingError } from "./errors.js";
import { fromDecimal, toDecimal, type Uint256 } from "./uint256.js";

/**
 * Parses a plain decimal such as "0.015" into base units. Throws `NotDecimal` for anything else (a sign, an exponent, a
 * leading zero), `NotEncodable` for more decimals than the token has, `Overflow` at 2^256 and above.
 */
export function parse(text: string, decimals: number): Uint256 {
	const point = text.indexOf(".");
	const whole = point < 0 ? text : text.slice(0, point);
	const fraction = point < 0 ? "" : withoutTrailingZeros(text.slice(point + 1));
	fromDecimal(whole);
	if (fraction.length > decimals) {
		throw new EncodingError("NotEncodable", `expected at most ${decimals} decimals, got ${text.slice(0, 100)}`);
	}
	return fromDecimal(withoutLeadingZeros(whole + fraction.padEnd(decimals, "0")));
}

/** Formats base units as the shortest plain decimal: 430000 at 6 decimals is "0.43". */
export function format(amount: Uint8Array, decimals: number): string {
	return formatDigits(toDecimal(amount), decimals);
}

/** Formats base units given as decimal digits of any length. */
export function formatDigits(digits: string, decimals: number): string {
	const padded = digits.padStart(decimals + 1, "0");
	const point = padded.length - decimals;
	const fraction = withoutTrailingZeros(padded.slice(point));
	return padded.slice(0, point) + (fraction === "" ? "" : `.${fraction}`);
}

/** Removes leading zeros, but keeps the last digit. */
export function withoutLeadingZeros(digits: string): string {
	let start = 0;
	while (start < digits.length - 1 && digits.charCodeAt(start) === 0x30) start++;
	return digits.slice(start);
}

/** Removes trailing zeros. */
export function withoutTrailingZeros(digits: string): string {
	let end = digits.length;
	while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
	return digits.slice(0, end);
}
