/**
 * Formats amounts for a person: base units in decimal digits of any length, shifted by an asset's decimals. No floating
 * point.
 *
 * No regular expression here and in text.ts: one costs XS more stack than all the rest of a display.
 */
import { formatDigits, withoutLeadingZeros, withoutTrailingZeros } from "../encoding/units.js";

/**
 * Formats base units in at most `length` characters (at least 7). Digits after the point are dropped first, and leave an
 * ellipsis. If that would leave only zeros, or not all of the whole units, uses powers of ten: `"1.15e77"`. Never rounds up.
 */
export function shortUnits(units: string, decimals: number, length: number): string {
	const exact = formatDigits(units, decimals);
	if (exact.length <= length) return exact;
	const point = exact.includes(".") ? exact.indexOf(".") : exact.length;
	const cut = exact.slice(0, length - 3);
	if (point < cut.length - 1 && !isNothing(cut)) return `${cut}...`;
	const digits = withoutLeadingZeros(units);
	const power = `e${digits.length - 1 - decimals}`;
	const fraction = withoutTrailingZeros(digits.slice(1, length - power.length - 1));
	return digits.slice(0, 1) + (fraction === "" ? "" : `.${fraction}`) + power;
}

/** Returns how many of `length` pixels show `amount` of `allowed`: none only for zero, all only for the whole. */
export function share(amount: string, allowed: string, length: number): number {
	if (isNothing(amount)) return 0;
	const ratio = Number(amount) / Number(allowed);
	if (atLeast(amount, allowed)) return length;
	return Math.min(Math.max(Math.floor(ratio * length), 1), length - 1);
}

/** Compares two decimal integers. */
export function atLeast(a: string, b: string): boolean {
	const width = Math.max(a.length, b.length);
	return a.padStart(width, "0") >= b.padStart(width, "0");
}

/** True for a decimal of zeros. */
function isNothing(number: string): boolean {
	for (let index = 0; index < number.length; index++) {
		const digit = number.charCodeAt(index);
		if (digit > 0x30 && digit <= 0x39) return false;
	}
	return true;
}
