import * as hex from "../../modules/encoding/hex.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check): void {
	for (const [decimal, minimal] of INTEGERS) {
		const value = uint256.fromDecimal(decimal);
		check(`uint256: ${decimal} in 32 bytes`, hex.encode(value), minimal.padStart(64, "0"));
		check(`uint256: ${decimal} back`, uint256.toDecimal(value), decimal);
		check(`uint256: ${decimal} in the fewest bytes`, hex.encode(uint256.toMinimal(value)), minimal);
		check(
			`uint256: ${decimal} from the fewest`,
			hex.encode(uint256.fromMinimal(hex.decode(minimal))),
			hex.encode(value),
		);
		check(`uint256: ${decimal} is zero`, uint256.isZero(value), decimal === "0");
	}
	for (const [text, name] of REFUSED) {
		// Not by its own text if it is an array: XS cannot turn one into text that is frozen in a preloaded module.
		const shown = typeof text === "object" ? "an object" : `${typeof text} ${text}`;
		check(
			`uint256: refuses ${shown}`,
			refusal(() => uint256.fromDecimal(text)),
			name,
		);
	}
	numbers(check);
	arithmetic(check);
}

function numbers(check: Check): void {
	for (const number of [0, 1, 255, 256, 4294967296, Number.MAX_SAFE_INTEGER]) {
		check(`uint256: the number ${number}`, uint256.toDecimal(uint256.fromNumber(number)), String(number));
	}
	for (const number of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
		check(
			`uint256: the number ${number}`,
			refusal(() => uint256.fromNumber(number)),
			"NotSafeInteger",
		);
	}
	check(
		"uint256: a leading zero byte",
		refusal(() => uint256.fromMinimal(Uint8Array.of(0, 1))),
		"NotMinimal",
	);
	check(
		"uint256: 33 bytes",
		refusal(() => uint256.fromMinimal(new Uint8Array(33).fill(1))),
		"Overflow",
	);
	check(
		"uint256: 31 bytes are none",
		refusal(() => uint256.toDecimal(new Uint8Array(31))),
		"NotUint256",
	);
}

function arithmetic(check: Check): void {
	const [zero, one, greatest] = [uint256.fromDecimal("0"), uint256.fromDecimal("1"), uint256.fromDecimal(GREATEST)];
	const [below, above] = [uint256.fromDecimal("340282366920938463463374607431768211455"), uint256.fromDecimal(TWO_128)];
	check("uint256: 0 + 0", uint256.toDecimal(uint256.add(zero, zero)), "0");
	check("uint256: (2^128 − 1) + 1", uint256.toDecimal(uint256.add(below, one)), TWO_128);
	check("uint256: 2^128 − 1", uint256.compare(uint256.subtract(above, one), below), 0);
	check("uint256: a − a", uint256.isZero(uint256.subtract(greatest, greatest)), true);
	check("uint256: greatest + 0", uint256.compare(uint256.add(greatest, zero), greatest), 0);
	check(
		"uint256: greatest + 1",
		refusal(() => uint256.add(greatest, one)),
		"Overflow",
	);
	check(
		"uint256: greatest + greatest",
		refusal(() => uint256.add(greatest, greatest)),
		"Overflow",
	);
	check(
		"uint256: 0 − 1",
		refusal(() => uint256.subtract(zero, one)),
		"Underflow",
	);
	check("uint256: 2^128 − 1 is less than 2^128", uint256.compare(below, above) < 0, true);
	check("uint256: the greatest is more than 2^128", uint256.compare(greatest, above) > 0, true);
	check("uint256: 2^128 is more than 2^128 − 1", uint256.compare(above, below) > 0, true);
	for (const [name, operation] of [
		["+", uint256.add],
		["−", uint256.subtract],
		["and", uint256.compare],
	] as const) {
		check(
			`uint256: 32 ${name} 33 bytes`,
			refusal(() => operation(zero, new Uint8Array(33))),
			"NotUint256",
		);
		check(
			`uint256: 31 ${name} 32 bytes`,
			refusal(() => operation(new Uint8Array(31), zero)),
			"NotUint256",
		);
	}
}

const TWO_128 = "340282366920938463463374607431768211456";
const GREATEST = "115792089237316195423570985008687907853269984665640564039457584007913129639935";

const INTEGERS = [
	["0", ""],
	["1", "01"],
	["9", "09"],
	["10", "0a"],
	["255", "ff"],
	["256", "0100"],
	["10000", "2710"],
	["999999", "0f423f"],
	["1000000", "0f4240"],
	["1000001000001", "e8d4b45241"],
	["18446744073709551616", "010000000000000000"],
	[TWO_128, "0100000000000000000000000000000000"],
	[
		"33247007178036348590600198031289925668252061821958005840077069883511451257277",
		"498123a32ace7410e0f8321e7684c7c048aefe69db43416c333dbfec5ec989bd",
	],
	[GREATEST, "ff".repeat(32)],
] as const;

const REFUSED = [
	["", "NotDecimal"],
	["1e3", "NotDecimal"],
	["-1", "NotDecimal"],
	["+1", "NotDecimal"],
	["0x10", "NotDecimal"],
	["01", "NotDecimal"],
	["00", "NotDecimal"],
	["1.0", "NotDecimal"],
	["1_000", "NotDecimal"],
	[" 1", "NotDecimal"],
	["1 ", "NotDecimal"],
	["1\n", "NotDecimal"],
	["/", "NotDecimal"],
	[":", "NotDecimal"],
	["٣", "NotDecimal"],
	["1".repeat(79), "NotDecimal"],
	[10000, "NotDecimal"],
	[null, "NotDecimal"],
	[true, "NotDecimal"],
	[["1"], "NotDecimal"],
	[undefined, "NotDecimal"],
	["115792089237316195423570985008687907853269984665640564039457584007913129639936", "Overflow"],
	["9".repeat(78), "Overflow"],
] as const;
