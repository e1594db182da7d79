/** Prices: millionths of a dollar, which are USDC's base units. */

export type Micros = bigint;

export const ofCents = (cents: number): Micros => BigInt(cents) * 10_000n;

/** Returns whole cents, rounded down: 0 for a price below one. */
export const inCents = (price: Micros): number => Number(price / 10_000n);

/** Decimal, exact, without trailing zeros. */
export function inDollars(price: Micros): string {
	const fraction = String(price % 1_000_000n)
		.padStart(6, "0")
		.replace(/0+$/, "");
	return `${price / 1_000_000n}${fraction && `.${fraction}`}`;
}
