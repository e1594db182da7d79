/** Amounts for a person: base units, decimal digits of any length, moved by an asset's decimals. No floating point. */

/** `"430000"` at 6 decimals is `"0.43"`. */
export function wholeUnits(units: string, decimals: number): string {
	const digits = units.padStart(decimals + 1, "0");
	const point = digits.length - decimals;
	const fraction = digits.slice(point).replace(/0+$/, "");
	return digits.slice(0, point) + (fraction === "" ? "" : `.${fraction}`);
}

/**
 * The same in at most `length` characters, of which it needs 7: digits behind the point go first, and leave an ellipsis;
 * where that would leave nothing but zeros, or not all of the whole units, powers of ten: `"1.15e77"`. Never rounded up.
 */
export function shortUnits(units: string, decimals: number, length: number): string {
	const exact = wholeUnits(units, decimals);
	if (exact.length <= length) return exact;
	const point = exact.includes(".") ? exact.indexOf(".") : exact.length;
	const cut = exact.slice(0, length - 3);
	if (point < cut.length - 1 && /[1-9]/.test(cut)) return `${cut}...`;
	const digits = units.replace(/^0+/, "");
	const power = `e${digits.length - 1 - decimals}`;
	const mantissa = `${digits.slice(0, 1)}.${digits.slice(1, length - power.length - 1)}`.replace(/\.?0*$/, "");
	return mantissa + power;
}

/** How much of `length` pixels shows `amount` of `allowed`: none only for nothing, all only for all. */
export function share(amount: string, allowed: string, length: number): number {
	if (!/[1-9]/.test(amount)) return 0;
	const ratio = Number(amount) / Number(allowed);
	if (atLeast(amount, allowed)) return length;
	return Math.min(Math.max(Math.floor(ratio * length), 1), length - 1);
}

/** Of two decimal integers. */
export function atLeast(a: string, b: string): boolean {
	const width = Math.max(a.length, b.length);
	return a.padStart(width, "0") >= b.padStart(width, "0");
}
