import * as hex from "../../modules/encoding/hex.js";
import { encode, type JsonValue } from "../../modules/encoding/json/canonical.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check, hashes: Hashes): void {
	for (const [value, text] of TEXTS) check(`canonical json: ${text}`, encode(value), text);
	for (const [name, value, error] of REFUSED) {
		check(
			`canonical json: refuses ${name}`,
			refusal(() => encode(value as JsonValue)),
			error,
		);
	}
	const deep = `${'{"a":'.repeat(8)}0${"}".repeat(8)}`;
	check("canonical json: 8 levels of objects", encode(JSON.parse(deep)), deep);
	check(
		"canonical json: 9 levels of objects",
		refusal(() => encode(JSON.parse(`[${deep}]`))),
		"TooDeep",
	);
	const endless: JsonValue[] = [];
	endless.push(endless);
	check(
		"canonical json: refuses what contains itself",
		refusal(() => encode(endless)),
		"TooDeep",
	);

	// AgentPMT's own figures, of the text as it is and with all that is not ASCII escaped.
	const text = encode({ b: 1, a: { z: [3, 2], y: "é" }, _workflow_session_id: "wf1" });
	const sha256 = (json: string) => hex.encode(hashes.sha256(utf8.encode(json)));
	check(
		"canonical json: hash of parameters",
		sha256(text),
		"9b53049e3ea5ce401ac2db130eca3ba0593aa3db527613755cf9a893b51578e0",
	);
	check(
		"canonical json: hash of parameters, escaped",
		sha256(text.replace("é", "\\u00e9")),
		"8e2f3351cc4b49ada2d5b15783d2c4a77cbc6cd4f24aec0fe4006eb7887b7d27",
	);
	check(
		"canonical json: hash of {}",
		sha256(encode({})),
		"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
	);
}

/** But for exponents, which JSON.stringify writes as e-7, the texts are what Python's `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` gives. */
const TEXTS: readonly (readonly [JsonValue, string])[] = [
	[{}, "{}"],
	[[], "[]"],
	[null, "null"],
	[[true, false, 0, -1, 9007199254740991], "[true,false,0,-1,9007199254740991]"],
	[[59.91, -0.5, 0.1, 1.5, 1e-6, 123456.789, -0], "[59.91,-0.5,0.1,1.5,0.000001,123456.789,0]"],
	[[5e-324, 2 ** -1074 * 3, 1e-7, 4503599627370495.5], "[5e-324,1.5e-323,1e-7,4503599627370495.5]"],
	[{ b: 1, a: 2, B: 3, _: 4 }, '{"B":3,"_":4,"a":2,"b":1}'],
	[{ 9: "nine", 10: "ten", 1: { 2: 0, 11: 0 } }, '{"1":{"11":0,"2":0},"10":"ten","9":"nine"}'],
	[{ b0: 1, a1: 2, a: { b: 1, a0: 2 } }, '{"a":{"a0":2,"b":1},"a1":2,"b0":1}'],
	[[[[[[[[[0]]]]]]]], "[[[[[[[[0]]]]]]]]"],
	[{ a: 1, "": 0, ab: 2 }, '{"":0,"a":1,"ab":2}'],
	[{ "\u{1f600}": 1, "\uffff": 2, "\ue000": 3, "\ud7ff": 4 }, '{"\ud7ff":4,"\ue000":3,"\uffff":2,"\u{1f600}":1}'],
	['"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028é😀', '"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u007f\u2028é😀"'],
	[[[3, 2], [[]], { z: [{}] }], '[[3,2],[[]],{"z":[{}]}]'],
];

const REFUSED = [
	["NaN", [Number.NaN], "NotEncodable"],
	["infinity", Number.POSITIVE_INFINITY, "NotEncodable"],
	["negative infinity", Number.NEGATIVE_INFINITY, "NotEncodable"],
	["2^53", 2 ** 53, "NotEncodable"],
	["undefined", { a: undefined }, "NotEncodable"],
	["a function", () => 0, "NotEncodable"],
	["a Map", new Map(), "NotEncodable"],
	["a Date", new Date(0), "NotEncodable"],
	["bytes", new Uint8Array(1), "NotEncodable"],
	["half a surrogate pair", "\udfff", "LoneSurrogate"],
	["half a surrogate pair as a key", { "\ud83d": 1 }, "LoneSurrogate"],
] as const;
