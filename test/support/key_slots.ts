/** The key slots of a device in a test's memory, which can lose a key; signatures as `light_signer.ts` makes them. */
import { createPortableSigner } from "../../modules/signer/portable.js";
import type { Curve, Signer } from "../../modules/signer/signer.js";
import { lightSigner } from "./light_signer.js";

/** Public keys that differ, one for each key that a device ever has. */
const PUBLIC_KEYS = [1, 2, 3, 4].map((seed) => {
	const signer = createPortableSigner({ keys: new Map(), random: (buffer) => buffer.fill(seed) });
	signer.create(0, "secp256k1");
	return signer.publicKey(0);
});

export class KeySlots implements Signer {
	readonly keccak256 = lightSigner.keccak256;
	readonly sha256 = lightSigner.sha256;
	readonly signDigest = lightSigner.signDigest;
	readonly signMessage = lightSigner.signMessage;
	/** By slot: which of `PUBLIC_KEYS` it holds. */
	readonly #slots = new Map([[0, 0]]);
	#made = 0;

	curve(slot: number): Curve | undefined {
		return this.#slots.has(slot) ? "secp256k1" : undefined;
	}

	publicKey(slot: number): Uint8Array {
		return PUBLIC_KEYS[this.#slots.get(slot)!]!;
	}

	/** Another key than those before. */
	create(slot: number): void {
		this.#slots.set(slot, ++this.#made);
	}

	/** The first key, which is what its owner has a copy of. */
	importKey(slot: number): void {
		this.#slots.set(slot, 0);
	}

	erase(slot: number): void {
		this.#slots.delete(slot);
	}
}
