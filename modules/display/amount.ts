/**
 * Amounts for a person: base units, decimal digits of any length, moved by an asset's decimals. No floating point.
 *
 * No regular expression here and in text.ts: one costs XS more stack than all the rest of a display.
 */

/** `"430000"` at 6 decimals is `"0.43"`. */
export function wholeUnits(units: string, decimals: number): string {
	const digits = units.padStart(decimals + 1, "0");
	const point = digits.length - decimals;
	const fraction = withoutLastZeros(digits.slice(point));
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
	if (point < cut.length - 1 && !isNothing(cut)) return `${cut}...`;
	const digits = withoutFirstZeros(units);
	const power = `e${digits.length - 1 - decimals}`;
	const fraction = withoutLastZeros(digits.slice(1, length - power.length - 1));
	return digits.slice(0, 1) + (fraction === "" ? "" : `.${fraction}`) + power;
}

/** How much of `length` pixels shows `amount` of `allowed`: none only for nothing, all only for all. */
export function share(amount: string, allowed: string, length: number): number {
	if (isNothing(amount)) return 0;
	const ratio = Number(amount) / Number(allowed);
	if (atLeast(amount, allowed)) return length;
	return Math.min(Math.max(Math.floor(ratio * length), 1), length - 1);
}

/** Of two decimal integers. */
export function atLeast(a: string, b: string): boolean {
	const width = Math.max(a.length, b.length);
	return a.padStart(width, "0") >= b.padStart(width, "0");
}

/** Of digits, and a point. */
function isNothing(number: string): boolean {
	for (let index = 0; index < number.length; index++) {
		const digit = number.charCodeAt(index);
		if (digit > 0x30 && digit <= 0x39) return false;
	}
	return true;
}

function withoutFirstZeros(digits: string): string {
	let start = 0;
	while (start < digits.length - 1 && digits.charCodeAt(start) === 0x30) start++;
	return digits.slice(start);
}

function withoutLastZeros(digits: string): string {
	let end = digits.length;
	while (end > 0 && digits.charCodeAt(end - 1) === 0x30) end--;
	return digits.slice(0, end);
}
