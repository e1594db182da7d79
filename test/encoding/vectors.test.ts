/** The platform-free vectors, on Node. The same modules run inside XS. */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import * as base58 from "../vectors/encoding_base58.js";
import * as base64 from "../vectors/encoding_base64.js";
import * as canonicalJson from "../vectors/encoding_canonical_json.js";
import * as cbor from "../vectors/encoding_cbor.js";
import * as hex from "../vectors/encoding_hex.js";
import * as jsonText from "../vectors/encoding_json_text.js";
import * as uint256 from "../vectors/encoding_uint256.js";
import * as units from "../vectors/encoding_units.js";
import * as utf8 from "../vectors/encoding_utf8.js";

for (const [name, { cases }] of Object.entries({
	base58,
	base64,
	canonicalJson,
	cbor,
	hex,
	jsonText,
	uint256,
	units,
	utf8,
})) {
	test(name, (t) => cases((what, actual, expected) => t.is(actual, expected, what), hashes));
}
