import * as base64 from "../../modules/encoding/base64.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check): void {
	for (const [text, encoded] of RFC_4648) {
		check(`base64: writes ${text}`, base64.encode(utf8.encode(text)), encoded);
		check(`base64: reads ${encoded}`, utf8.decode(base64.decode(encoded)), text);
		const bare = encoded.replaceAll("=", "");
		check(`base64: reads ${bare} without padding`, utf8.decode(base64.decode(bare)), text);
	}
	const all = new Uint8Array(48);
	for (let i = 0; i < 64; i += 4)
		all.set([(i << 2) | (i >> 4), ((i + 1) << 4) | (i >> 2), ((i + 2) << 6) | (i + 3)], (i / 4) * 3);
	check("base64: the whole alphabet", base64.encode(all), ALPHABET);
	check("base64: the whole alphabet, read", base64.decode(ALPHABET).join(), all.join());
	check("base64: bits left over are ignored (RFC 4648 §3.5)", base64.decode("QR==").join(), "65");
	for (const [text, name] of REFUSED)
		check(
			`base64: refuses ${text}`,
			refusal(() => base64.decode(text)),
			name,
		);
	check("base64: as many bytes as the limit", base64.decode("AAA=", 2).length, 2);
	check(
		"base64: more bytes than the limit",
		refusal(() => base64.decode("AAAA", 2)),
		"TooLong",
	);
	check(
		"base64: far more bytes than the limit",
		refusal(() => base64.decode("AAAAA", 2)),
		"TooLong",
	);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** RFC 4648 §10 */
const RFC_4648 = [
	["", ""],
	["f", "Zg=="],
	["fo", "Zm8="],
	["foo", "Zm9v"],
	["foob", "Zm9vYg=="],
	["fooba", "Zm9vYmE="],
	["foobar", "Zm9vYmFy"],
] as const;

const REFUSED = [
	["A", "Base64Length"],
	["AAAAA", "Base64Length"],
	["AA=", "Base64Length"],
	["AAA==", "Base64Length"],
	["AA===", "Base64Length"],
	["A===", "Base64Length"],
	["====", "Base64Length"],
	["=AAA", "Base64Length"],
	["AA=A", "Base64Length"],
	["AA==AAAA", "Base64Length"],
	["-_-_", "Base64Character"],
	["AA A", "Base64Character"],
	["AAAA\n", "Base64Length"],
	["AA\nA", "Base64Character"],
	["AA@A", "Base64Character"],
	["AA[A", "Base64Character"],
	["AA`A", "Base64Character"],
	["AA{A", "Base64Character"],
	["AA:A", "Base64Character"],
	["AA.A", "Base64Character"],
	["AAéA", "Base64Character"],
	['{"x402Version":2}', "Base64Length"],
	['{"x402Version":1 }', "Base64Character"],
] as const;
