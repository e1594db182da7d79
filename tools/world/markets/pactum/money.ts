/** Dollars, as micro-dollars inside and as decimals on the wire. */

/** `10000000n` is "10.00", `1234n` is "0.001234": at least two decimals, at most six. */
export function dollars(micros: bigint): string {
	const digits = String(micros).padStart(7, "0");
	const decimals = digits.slice(-6).replace(/0{1,4}$/, "");
	return `${digits.slice(0, -6)}.${decimals}`;
}

/** The units that both hosts make of an amount: Python's `int(float(text) * 10**6)`, which is one less for some. */
export function truncated(amount: string | number): bigint {
	return BigInt(Math.trunc(Number(amount) * 10 ** 6));
}

/** The micro-dollars of a decimal, a number or a string of one, exactly; nothing if it has more than six decimals. */
export function micros(decimal: unknown): bigint | undefined {
	// A number below 0.000001 is written with an exponent, and so refused.
	const text = typeof decimal === "number" ? String(decimal) : decimal;
	const parts = typeof text === "string" ? /^(\d+)(?:\.(\d{1,6})0*)?$/.exec(text) : null;
	return parts ? BigInt(parts[1]! + (parts[2] ?? "").padEnd(6, "0")) : undefined;
}
