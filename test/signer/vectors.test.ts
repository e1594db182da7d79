/** The platform-free vectors over the portable signer, on Node. The same modules run over the native one inside XS. */
import { randomFillSync } from "node:crypto";
import test from "ava";
import { createPortableSigner, hashes } from "../../modules/signer/portable.js";
import * as eip712 from "../vectors/eip712.js";
import * as signer from "../vectors/signer.js";

test("typed data hashes and signs as the EIP-712 vectors say", (t) => {
	eip712.cases((what, actual, expected) => t.is(actual, expected, what), hashes);
});

test("keys, signatures and addresses are those of the vectors", (t) => {
	const keys = new Map<number, Uint8Array>();
	const portable = createPortableSigner({ keys, random: (buffer) => randomFillSync(buffer) });
	signer.cases((what, actual, expected) => t.is(actual, expected, what), portable);
	t.is(keys.size, 0);
});
