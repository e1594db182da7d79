/**
 * The signer of a device in a test's memory: the portable one, with a memory for what it has computed. Devices of the same seed
 * have the same key and sign the same digests, and a signature is a function of those two alone (RFC 6979). SHA-256 is OpenSSL's.
 */
import { createHash } from "node:crypto";
import { createPortableSigner, type PortableSignerOptions, type Signer } from "../../modules/signer/portable.js";

/** Public keys and signatures, by the slot's record and the digest. */
const computed = new Map<string, Uint8Array>();

export function createDeviceSigner(options: PortableSignerOptions): Signer {
	const portable = createPortableSigner(options);
	const remember = (slot: number, what: string, compute: () => Uint8Array): Uint8Array => {
		const record = options.keys.get(slot);
		if (record === undefined) return compute();
		const name = `${hexOf(record)} ${what}`;
		const known = computed.get(name) ?? compute();
		computed.set(name, known);
		return known.slice();
	};
	return {
		keccak256: (data) => portable.keccak256(data),
		sha256: (data) => new Uint8Array(createHash("sha256").update(data).digest()),
		curve: (slot) => portable.curve(slot),
		publicKey: (slot) => remember(slot, "public key", () => portable.publicKey(slot)),
		signDigest: (slot, digest) => remember(slot, `signs ${hexOf(digest)}`, () => portable.signDigest(slot, digest)),
		signMessage: (slot, message) =>
			remember(slot, `signs the message ${hexOf(message)}`, () => portable.signMessage(slot, message)),
		create: (slot, curve) => portable.create(slot, curve),
		importKey: (slot, curve, key) => portable.importKey(slot, curve, key),
		erase: (slot, publicKey) => portable.erase(slot, publicKey),
	};
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
