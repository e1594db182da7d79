/** Amounts and times in a person's notation: "0.02 USDC", "1h". */
import * as uint256 from "../../modules/encoding/uint256.js";
import * as units from "../../modules/encoding/units.js";
import { ShortFormError } from "./errors.js";

export interface Unit {
	readonly symbol: string;
	readonly decimals: number;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** @returns base units in decimal; a value of another form unchanged, for the device to check */
export function baseUnits(path: string, value: unknown, unit: Unit): unknown {
	const [, number, symbol] = /^\s*([0-9.]+)\s*([^\s0-9.]\S*)\s*$/.exec(String(value)) ?? [];
	if (typeof value !== "string") return value;
	const { decimals } = unit;
	if (number === undefined || symbol === undefined) {
		if (!/^\d+\.\d+$/.test(value)) return value;
		const exact = baseUnits(path, `${value} ${unit.symbol}`, unit);
		throw new ShortFormError(
			"AmountAmbiguous",
			`${path}: write "${value} ${unit.symbol}" or its base units, "${exact}"`,
		);
	}
	if (symbol.toLowerCase() !== unit.symbol.toLowerCase()) {
		throw new ShortFormError("UnitUnknown", `${path}: expected an amount in ${unit.symbol}, found "${value}"`);
	}
	try {
		return uint256.toDecimal(units.parse(number, decimals));
	} catch {
		const example = `"0.01 ${unit.symbol}"`;
		throw new ShortFormError(
			"AmountMalformed",
			`${path}: expected an amount such as ${example}, with at most ${decimals} decimals, found "${value}"`,
		);
	}
}

/** @returns whole seconds; a value that is no text unchanged, for the device to check */
export function seconds(path: string, value: unknown): unknown {
	if (typeof value !== "string") return value;
	const [, number, unit] = /^(\d+)\s*([smhdw])$/.exec(value.trim()) ?? [];
	if (number !== undefined && unit !== undefined) return Number(number) * SECONDS[unit]!;
	throw new ShortFormError("TimeMalformed", `${path}: expected a time such as "30m", "1h" or "1d", found "${value}"`);
}
