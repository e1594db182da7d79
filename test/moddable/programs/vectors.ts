/** The vectors that run on Node and on the XS host too. */
import type { Port } from "../../../src/device/port.js";
import { cases as eip712 } from "../../vectors/eip712.js";
import { cases as base58 } from "../../vectors/encoding_base58.js";
import { cases as base64 } from "../../vectors/encoding_base64.js";
import { cases as canonicalJson } from "../../vectors/encoding_canonical_json.js";
import { cases as cbor } from "../../vectors/encoding_cbor.js";
import { cases as hex } from "../../vectors/encoding_hex.js";
import { cases as jsonText } from "../../vectors/encoding_json_text.js";
import { cases as uint256 } from "../../vectors/encoding_uint256.js";
import { cases as units } from "../../vectors/encoding_units.js";
import { cases as utf8 } from "../../vectors/encoding_utf8.js";
import { cases as signer } from "../../vectors/signer.js";
import { runCases } from "../../xs/cases.js";

export function vectors(port: Port): void {
	runCases(port, [
		["eip712", eip712],
		["encoding_base58", base58],
		["encoding_base64", base64],
		["encoding_canonical_json", canonicalJson],
		["encoding_cbor", cbor],
		["encoding_hex", hex],
		["encoding_json_text", jsonText],
		["encoding_uint256", uint256],
		["encoding_units", units],
		["encoding_utf8", utf8],
		["signer", signer],
	]);
}
