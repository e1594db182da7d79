/**
 * A signer for campaigns that look at money and not at signatures: hashes are right, one key for all devices, and a signature
 * is what its digest hashes to. It takes a hundredth of the time of the portable one.
 */
import { createHash } from "node:crypto";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { createPortableSigner } from "../../modules/signer/portable.js";
import type { Signer } from "../../modules/signer/signer.js";

const real = createPortableSigner({ keys: new Map(), random: (buffer) => buffer.fill(0x5a) });
real.create(0, "secp256k1");
const PUBLIC_KEY = real.publicKey(0);

const sha256 = (data: Uint8Array) => new Uint8Array(createHash("sha256").update(data).digest());

export const lightSigner: Signer = {
	keccak256: (data) => keccak_256(data),
	sha256,
	curve: (slot) => (slot === 0 ? "secp256k1" : undefined),
	publicKey: () => PUBLIC_KEY,
	signDigest: (_slot, digest) => {
		const signature = new Uint8Array(65);
		signature.set(sha256(digest));
		signature[64] = 27;
		return signature;
	},
	signMessage: (_slot, message) => new Uint8Array(64).fill(sha256(message)[0]!),
	create() {},
	importKey() {},
	erase() {},
};
