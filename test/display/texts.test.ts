/** Amounts by their decimals, texts cut to a width, sizes of QR codes. */
import test from "ava";
import { formatUnits } from "viem";
import { atLeast, share, shortUnits } from "../../modules/display/amount.js";
import { modulesFor, scaleFor, versionOf } from "../../modules/display/code.js";
import { printable, shorten, shortenMiddle, shortenStart } from "../../modules/display/text.js";
import { formatDigits } from "../../modules/encoding/units.js";

const MOST = `${2n ** 256n - 1n}`;

test("base units are written as viem writes them", (t) => {
	for (const units of [
		"0",
		"1",
		"10",
		"999999",
		"1000000",
		"1000001",
		"430000",
		"123456789012345678901234567890",
		MOST,
	])
		for (const decimals of [0, 1, 6, 18, 36]) t.is(formatDigits(units, decimals), formatUnits(BigInt(units), decimals));
});

test("amounts are shortened as exactly as their length allows", (t) => {
	const table: readonly (readonly [string, number, number, string])[] = [
		["430000", 6, 7, "0.43"],
		["1234567", 6, 8, "1.234567"],
		["1234567", 6, 7, "1.23..."],
		["1999999", 6, 7, "1.99..."],
		["123456789", 6, 10, "123.456789"],
		["123456789", 6, 9, "123.45..."],
		["123456789", 6, 8, "123.4..."],
		["123456789", 6, 7, "1.234e2"],
		["12345678", 0, 8, "12345678"],
		["12345678", 0, 7, "1.234e7"],
		["10000000", 0, 7, "1e7"],
		["1", 18, 20, "0.000000000000000001"],
		["1", 18, 19, "1e-18"],
		["15", 18, 7, "1.5e-17"],
		["123", 18, 7, "1.2e-16"],
		[MOST, 0, 7, "1.15e77"],
		[MOST, 6, 9, "1.1579e71"],
	];
	for (const [units, decimals, length, expected] of table) {
		t.is(shortUnits(units, decimals, length), expected, `${units} at ${decimals}, ${length}`);
	}
});

test("a short amount never exceeds the exact one, and fits the length asked for", (t) => {
	for (let digits = 1; digits <= 78; digits++)
		for (const decimals of [0, 6, 18, 36])
			for (let length = 7; length <= 20; length++) {
				const units = "987654321098765432109876543210987654321098765432109876543210987654321098765432".slice(0, digits);
				const short = shortUnits(units, decimals, length);
				t.true(short.length <= length, `${units} ${decimals} ${length}: ${short}`);
				const [mantissa, power] = short.replace(/\.\.\.$/, "").split("e");
				const [whole, fraction = ""] = mantissa!.split(".");
				const scale = decimals + Number(power ?? 0) - fraction.length;
				const value =
					scale < 0
						? BigInt(whole + fraction) / 10n ** BigInt(-scale)
						: BigInt(whole + fraction) * 10n ** BigInt(scale);
				t.true(value <= BigInt(units) && value * 10n > BigInt(units) * 9n, `${units} ${decimals} ${length}: ${short}`);
			}
});

test("a bar is empty only for nothing, and full only for everything", (t) => {
	const table: readonly (readonly [string, string, number])[] = [
		["0", "100", 0],
		["0", "0", 0],
		["1", "0", 150],
		["1", MOST, 1],
		["1", "100", 1],
		["50", "100", 75],
		["99", "100", 148],
		[`${2n ** 256n - 2n}`, MOST, 149],
		[MOST, MOST, 150],
		["101", "100", 150],
	];
	for (const [amount, allowed, expected] of table)
		t.is(share(amount, allowed, 150), expected, `${amount} of ${allowed}`);
	t.true(atLeast("10", "9"));
	t.false(atLeast("9", "10"));
});

test("texts are cut to a width at their start, middle or end", (t) => {
	const measure = (text: string) => 10 * text.length;
	const table = [
		[shorten, "temperature", 110, "temperature"],
		[shorten, "temperature", 109, "tempera..."],
		[shorten, "a b c d e", 80, "a b c..."],
		[shorten, "one. two. three", 70, "one..."],
		[shorten, "temperature", 39, ""],
		[shortenStart, "checkout.example.com", 110, "...mple.com"],
		[shortenStart, "checkout.example.com", 70, "...com"],
		[shortenMiddle, "0x0123456789abcdef", 130, "0x012...bcdef"],
		[shortenMiddle, "0x0123456789abcdef", 180, "0x0123456789abcdef"],
	] as const;
	for (const [cut, text, width, expected] of table) t.is(cut(text, width, measure), expected, `${text}, ${width}`);
	t.is(printable("température\n21\t°C €"), "temp?rature 21 ?C ?");
});

test("a QR code has the modules that its number of bytes needs", (t) => {
	const table = [
		[1, 21],
		[14, 21],
		[15, 25],
		[42, 29],
		[43, 33],
		[857, 109],
		[858, undefined],
	] as const;
	for (const [bytes, modules] of table) t.is(modulesFor(bytes), modules, `${bytes} bytes`);
	t.is(versionOf(29), 3);
	t.is(scaleFor(29, 148), 4);
	t.is(scaleFor(29, 147), 3);
});
