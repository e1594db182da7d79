import * as hex from "../../modules/encoding/hex.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check): void {
	check("hex: nothing", hex.encode(new Uint8Array(0)), "");
	check("hex: lower case, two digits", hex.encode(Uint8Array.of(0, 9, 10, 127, 255)), "00090a7fff");
	for (const [text, bytes] of READ) check(`hex: reads ${text}`, hex.decode(text).join(), bytes);
	for (const [text, name] of REFUSED)
		check(
			`hex: refuses ${text}`,
			refusal(() => hex.decode(text)),
			name,
		);
	check("hex: as many bytes as the limit", hex.decode("0x0102", 2).length, 2);
	check(
		"hex: more bytes than the limit",
		refusal(() => hex.decode("0x010203", 2)),
		"TooLong",
	);
}

const READ = [
	["", ""],
	["0x", ""],
	["0xff00", "255,0"],
	["aAbBfF", "170,187,255"],
] as const;

const REFUSED = [
	["0", "HexLength"],
	["0x123", "HexLength"],
	["0X12", "HexCharacter"],
	["0g", "HexCharacter"],
	["g0", "HexCharacter"],
	["@@", "HexCharacter"],
	["``", "HexCharacter"],
	["//", "HexCharacter"],
	["::", "HexCharacter"],
	[" 12 ", "HexCharacter"],
	["éé", "HexCharacter"],
	["0x0x", "HexCharacter"],
] as const;
