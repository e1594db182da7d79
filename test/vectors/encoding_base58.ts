import * as base58 from "../../modules/encoding/base58.js";
import * as hex from "../../modules/encoding/hex.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check): void {
	for (const [bytes, text] of VECTORS) {
		check(`base58: writes ${text}`, base58.encode(hex.decode(bytes)), text);
		check(`base58: reads ${text}`, hex.encode(base58.decode(text)), bytes);
	}
	for (const text of ["0", "O", "I", "l", "1 1", "é", "+"]) {
		check(
			`base58: refuses ${text}`,
			refusal(() => base58.decode(text)),
			"Base58Character",
		);
	}
	check("base58: 64 zeros", base58.decode("1".repeat(64)).length, 64);
	check(
		"base58: 65 zeros",
		refusal(() => base58.decode("1".repeat(65))),
		"TooLong",
	);
	check("base58: 2^512 − 1", base58.encode(new Uint8Array(64).fill(255)), GREATEST);
	check(
		"base58: 2^512",
		refusal(() => base58.decode(`${GREATEST.slice(0, -1)}R`)),
		"TooLong",
	);
	check(
		"base58: a long text",
		refusal(() => base58.decode("z".repeat(89))),
		"TooLong",
	);
	check(
		"base58: 65 bytes",
		refusal(() => base58.encode(new Uint8Array(65))),
		"TooLong",
	);
}

const GREATEST = "67rpwLCuS5DGA8KGZXKsVQ7dnPb9goRLoKfgGbLfQg9WoLUgNY77E2jT11fem3coV9nAkguBACzrU1iyZM4B8roQ";

/** The draft's own, Solana's system program, and a key and a nonce of the Pact Network's vectors. */
const VECTORS = [
	["", ""],
	["00", "1"],
	["48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"],
	[
		"54686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a7920646f672e",
		"USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
	],
	["0000287fb4cd", "11233QC4"],
	["0000000000000000000000000000000000000000000000000000000000000000", "11111111111111111111111111111111"],
	["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z"],
	["0102030405060708090a0b0c0d0e0f10", "8DfbjXLth7APvt3qQPgtf"],
] as const;
