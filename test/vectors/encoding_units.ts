import * as uint256 from "../../modules/encoding/uint256.js";
import * as units from "../../modules/encoding/units.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check): void {
	for (const [text, decimals, digits] of READ)
		check(`units: ${text} at ${decimals} decimals`, uint256.toDecimal(units.parse(text, decimals)), digits);
	for (const [text, decimals, name] of REFUSED)
		check(
			`units: refuses ${text} at ${decimals} decimals`,
			refusal(() => units.parse(text, decimals)),
			name,
		);
	for (const [digits, decimals, text] of WRITTEN)
		check(
			`units: ${digits} written at ${decimals} decimals`,
			units.format(uint256.fromDecimal(digits), decimals),
			text,
		);
}

const MAXIMUM = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

const READ = [
	["0", 0, "0"],
	["0", 6, "0"],
	["0.015", 6, "15000"],
	["1.", 2, "100"],
	["10.5000000000", 1, "105"],
	["0.000001", 6, "1"],
	[MAXIMUM, 0, MAXIMUM],
] as const;

const REFUSED = [
	["", 6, "NotDecimal"],
	[".5", 6, "NotDecimal"],
	["00.5", 6, "NotDecimal"],
	["-1", 6, "NotDecimal"],
	["1e3", 6, "NotDecimal"],
	["1.2.3", 6, "NotDecimal"],
	["0.-5", 6, "NotDecimal"],
	["0.0000001", 6, "NotEncodable"],
	["0.5", 0, "NotEncodable"],
	[MAXIMUM, 1, "NotDecimal"],
	["115792089237316195423570985008687907853269984665640564039457584007913129639936", 0, "Overflow"],
] as const;

const WRITTEN = [
	["0", 6, "0"],
	["1", 6, "0.000001"],
	["430000", 6, "0.43"],
	["12000000", 6, "12"],
	["7", 0, "7"],
	[MAXIMUM, 78, `0.${MAXIMUM}`],
] as const;
