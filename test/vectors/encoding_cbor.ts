import { type CborKey, type CborValue, decode, encode } from "../../modules/encoding/cbor.js";
import * as hex from "../../modules/encoding/hex.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check): void {
	for (const [bytes, diagnostic] of RFC_8949) {
		check(`cbor: reads ${diagnostic}`, show(decode(hex.decode(bytes))), diagnostic);
		check(`cbor: writes ${diagnostic}`, hex.encode(encode(decode(hex.decode(bytes)))), bytes);
	}
	for (const [bytes, name] of REFUSED)
		check(
			`cbor: refuses ${bytes}`,
			refusal(() => decode(hex.decode(bytes))),
			name,
		);
	order(check);
	for (const [name, value, error] of NOT_ENCODABLE) {
		check(
			`cbor: does not write ${name}`,
			refusal(() => encode(value as CborValue)),
			error,
		);
	}
	bounds(check);
}

/** §4.2.1: keys by their encodings, whatever order they were put in. */
function order(check: Check): void {
	const map = new Map<CborKey, CborValue>();
	for (const key of ["aa", -1, "z", 100, "", -25, 10, "é", 24, 0, "b", -24]) map.set(key, null);
	const text =
		'{0: null, 10: null, 24: null, 100: null, -1: null, -24: null, -25: null, "": null, "b": null, "z": null, "aa": null, "é": null}';
	check("cbor: keys in order", show(decode(encode(map))), text);
	check("cbor: -0 is 0", hex.encode(encode(-0)), "00");
	const bytes = hex.decode("43010203");
	const copy = decode(bytes) as Uint8Array;
	bytes.fill(0);
	check("cbor: byte strings are copies", copy.join(), "1,2,3");
}

function bounds(check: Check): void {
	check("cbor: 4 levels of arrays", show(decode(hex.decode("8181818100"))), "[[[[0]]]]");
	check(
		"cbor: 5 levels of arrays",
		refusal(() => decode(hex.decode("818181818100"))),
		"TooDeep",
	);
	check("cbor: writes 4 levels of arrays", hex.encode(encode([[[[0]]]])), "8181818100");
	check(
		"cbor: does not write 5 levels of arrays",
		refusal(() => encode([[[[[0]]]]])),
		"TooDeep",
	);
	const maps = "a100a100a100a10000";
	check("cbor: 4 levels of maps", hex.encode(encode(decode(hex.decode(maps)))), maps);
	check(
		"cbor: 5 levels of maps",
		refusal(() => decode(hex.decode(`a100${maps}`))),
		"TooDeep",
	);
	check(
		"cbor: does not write 5 levels",
		refusal(() => encode(new Map([[0, decode(hex.decode(maps))]]))),
		"TooDeep",
	);
	const endless: CborValue[] = [];
	endless.push(endless);
	check(
		"cbor: does not write what contains itself",
		refusal(() => encode(endless)),
		"TooDeep",
	);
	check("cbor: writes 4,096 bytes", encode(new Uint8Array(4093)).length, 4096);
	check(
		"cbor: does not write 4,097 bytes",
		refusal(() => encode(new Uint8Array(4094))),
		"TooLong",
	);
	check(
		"cbor: does not read 4,097 bytes",
		refusal(() => decode(new Uint8Array(4097))),
		"TooLong",
	);
}

/** Diagnostic notation (RFC 8949 §8). */
function show(value: CborValue): string {
	if (value instanceof Uint8Array) return `h'${hex.encode(value)}'`;
	if (value instanceof Map) return `{${[...value].map(([key, item]) => `${show(key)}: ${show(item)}`).join(", ")}}`;
	if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
	return JSON.stringify(value);
}

/** Appendix A, as far as it is in the subset, and the edges of each length. */
const RFC_8949 = [
	["00", "0"],
	["01", "1"],
	["0a", "10"],
	["17", "23"],
	["1818", "24"],
	["1819", "25"],
	["1864", "100"],
	["18ff", "255"],
	["190100", "256"],
	["1903e8", "1000"],
	["19ffff", "65535"],
	["1a00010000", "65536"],
	["1a000f4240", "1000000"],
	["1affffffff", "4294967295"],
	["1b0000000100000000", "4294967296"],
	["1b000000e8d4a51000", "1000000000000"],
	["1b001fffffffffffff", "9007199254740991"],
	["20", "-1"],
	["29", "-10"],
	["37", "-24"],
	["3818", "-25"],
	["3863", "-100"],
	["3903e7", "-1000"],
	["3a7fffffff", "-2147483648"],
	["3affffffff", "-4294967296"],
	["3b0000000100000000", "-4294967297"],
	["3b001ffffffffffffe", "-9007199254740991"],
	["f4", "false"],
	["f5", "true"],
	["f6", "null"],
	["40", "h''"],
	["4401020304", "h'01020304'"],
	["60", '""'],
	["6161", '"a"'],
	["6449455446", '"IETF"'],
	["62225c", '"\\"\\\\"'],
	["62c3bc", '"ü"'],
	["63e6b0b4", '"水"'],
	["64f0908591", '"𐅑"'],
	["80", "[]"],
	["83010203", "[1, 2, 3]"],
	["8301820203820405", "[1, [2, 3], [4, 5]]"],
	[
		"98190102030405060708090a0b0c0d0e0f101112131415161718181819",
		"[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]",
	],
	["a0", "{}"],
	["a201020304", "{1: 2, 3: 4}"],
	["a26161016162820203", '{"a": 1, "b": [2, 3]}'],
	["826161a161626163", '["a", {"b": "c"}]'],
	["a56161614161626142616361436164614461656145", '{"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}'],
] as const;

const REFUSED = [
	// Appendix A: what is outside of the subset.
	["1bffffffffffffffff", "CborNumberRange"],
	["3bffffffffffffffff", "CborNumberRange"],
	["c249010000000000000000", "CborUnsupported"],
	["f90000", "CborUnsupported"],
	["f93c00", "CborUnsupported"],
	["fb3ff199999999999a", "CborUnsupported"],
	["fa47c35000", "CborUnsupported"],
	["f97e00", "CborUnsupported"],
	["f7", "CborUnsupported"],
	["f0", "CborUnsupported"],
	["f8ff", "CborUnsupported"],
	["c074323031332d30332d32315432303a30343a30305a", "CborUnsupported"],
	["c11a514b67b0", "CborUnsupported"],
	["d818456449455446", "CborUnsupported"],
	["5f42010243030405ff", "CborUnsupported"],
	["7f657374726561646d696e67ff", "CborUnsupported"],
	["9fff", "CborUnsupported"],
	["83018202039f0405ff", "CborUnsupported"],
	["bf61610161629f0203ffff", "CborUnsupported"],
	// Integers just beyond the bound.
	["1b0020000000000000", "CborNumberRange"],
	["3b001fffffffffffff", "CborNumberRange"],
	// Appendix F: not well-formed.
	["", "CborTruncated"],
	["18", "CborTruncated"],
	["19", "CborTruncated"],
	["1901", "CborTruncated"],
	["1a0102", "CborTruncated"],
	["1b01020304050607", "CborTruncated"],
	["41", "CborTruncated"],
	["61", "CborTruncated"],
	["5affffffff00", "CborTruncated"],
	["7b7fffffffffffffff010203", "CborNumberRange"],
	["81", "CborTruncated"],
	["8200", "CborTruncated"],
	["9affffffff", "CborTruncated"],
	["a1", "CborTruncated"],
	["a20102", "CborTruncated"],
	["ba80000000", "CborTruncated"],
	["1c", "CborUnsupported"],
	["3d", "CborUnsupported"],
	["5e", "CborUnsupported"],
	["ff", "CborUnsupported"],
	["0000", "CborTrailingBytes"],
	// Not the shortest form.
	["1817", "CborNotShortest"],
	["3800", "CborNotShortest"],
	["1900ff", "CborNotShortest"],
	["1a0000ffff", "CborNotShortest"],
	["1b00000000ffffffff", "CborNotShortest"],
	["580100", "CborNotShortest"],
	["780161", "CborNotShortest"],
	["980100", "CborNotShortest"],
	["b8010000", "CborNotShortest"],
	// Keys.
	["a203000100", "CborKeyOrder"],
	["a201000100", "CborKeyOrder"],
	["a220000100", "CborKeyOrder"],
	["a2616101616100", "CborKeyOrder"],
	["a26261610061621800", "CborKeyOrder"],
	["a2616100616100", "CborKeyOrder"],
	["a1f400", "CborKeyType"],
	["a1f600", "CborKeyType"],
	["a1410000", "CborKeyType"],
	["a18000", "CborKeyType"],
	["a1a000", "CborKeyType"],
	// Text.
	["61ff", "NotUtf8"],
	["63eda080", "NotUtf8"],
] as const;

const NOT_ENCODABLE = [
	["a fraction", 0.5, "NotEncodable"],
	["NaN", Number.NaN, "NotEncodable"],
	["infinity", Number.POSITIVE_INFINITY, "NotEncodable"],
	["2^53", 2 ** 53, "NotEncodable"],
	["undefined", undefined, "NotEncodable"],
	["a plain object", { a: 1 }, "NotEncodable"],
	["a function", () => 0, "NotEncodable"],
	["an array with a hole", new Array(1), "NotEncodable"],
	["half a surrogate pair", "\ud800", "LoneSurrogate"],
] as const;
