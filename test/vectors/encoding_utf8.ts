import * as hex from "../../modules/encoding/hex.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check): void {
	for (const [text, bytes] of VECTORS) {
		check(`utf8: writes ${bytes}`, hex.encode(utf8.encode(text)), bytes);
		check(`utf8: reads ${bytes}`, utf8.decode(hex.decode(bytes)) === text, true);
	}
	for (const text of ["\ud800", "a\udc00", "\udc00\ud800", "\ud83d\ud83d\ude00", "\ufffd\udfff"]) {
		check(
			`utf8: refuses ${JSON.stringify(text)}`,
			refusal(() => utf8.encode(text)),
			"LoneSurrogate",
		);
	}
	for (const bytes of ["80", "c3", "c080", "e282", "eda080", "f0808080", "f4908080", "f8888080", "ff", "6180"]) {
		check(
			`utf8: refuses ${bytes}`,
			refusal(() => utf8.decode(hex.decode(bytes))),
			"NotUtf8",
		);
	}
}

const VECTORS = [
	["", ""],
	["a\u0000b", "610062"],
	["é€", "c3a9e282ac"],
	["\ufffd", "efbfbd"],
	["\ufeffa", "efbbbf61"],
	["😀", "f09f9880"],
	["\u{10ffff}", "f48fbfbf"],
] as const;
