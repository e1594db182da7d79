/**
 * The terms by which a plan last bought, kept in flash for rules that let a repeat purchase pay on its first request. They
 * are a guess at what the seller will ask for, never a permission: the policy checks them like any other terms.
 */
import { isSame } from "../../modules/encoding/bytes.js";
import * as cbor from "../../modules/encoding/cbor.js";
import * as hex from "../../modules/encoding/hex.js";
import { type JsonText, readJson } from "../../modules/encoding/json/text.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { type PaymentRequired, readOffer, TERMS_LEVELS } from "../x402/payment_required.js";
import { appendChecksum, verifyChecksum } from "./checksum.js";
import type { Intent } from "./record.js";

/** Bytes. A seller that pads its terms beyond this is asked first every time. */
const LIMIT = 2_000;

type Kept = [Uint8Array, 1 | 2, string, string, string];

export class RememberedTerms {
	readonly #storage: Storage;
	readonly #hashes: Hashes;

	constructor(storage: Storage, hashes: Hashes) {
		this.#storage = storage;
		this.#hashes = hashes;
	}

	/**
	 * Returns the terms by which `plan` last bought, if it made the same request; `undefined` if there are none that can be
	 * read.
	 */
	recall(plan: string, request: Uint8Array): PaymentRequired | undefined {
		const bytes = this.#storage.read(this.#key(plan));
		if (bytes === undefined) return undefined;
		try {
			const terms = verifyChecksum(this.#hashes, bytes).subarray(0, -4);
			const [before, x402Version, accepted, resource, extensions] = cbor.decode(terms) as Kept;
			// Another request may have gone to another seller, which must not get this one's signature.
			if (!isSame(before, request)) return undefined;
			const [entry, ...echoed] = [accepted, resource, extensions].map(jsonOf);
			const offers = [readOffer(entry!, x402Version)];
			return {
				x402Version,
				error: "",
				resource: echoed[0],
				extensions: echoed[1],
				offers: () => offers,
				release() {},
			};
		} catch {
			return undefined;
		}
	}

	keep(plan: string, { request, x402Version, accepted, resource, extensions, echoBytes }: Intent): void {
		const key = this.#key(plan);
		const terms = cbor.encode([request, x402Version, accepted, resource, extensions]);
		if (terms.length + echoBytes > LIMIT) {
			this.forget(plan);
			return;
		}
		const bytes = new Uint8Array(terms.length + 4);
		bytes.set(terms);
		appendChecksum(this.#hashes, bytes);
		const before = this.#storage.read(key);
		// Saves flash wear: identical terms are not written again.
		if (before === undefined || !isSame(before, bytes)) this.#storage.write(key, bytes);
	}

	forget(plan: string): void {
		const key = this.#key(plan);
		if (this.#storage.read(key) !== undefined) this.#storage.delete(key);
	}

	/** Forgets the terms of one of `plans` to make room in flash. Returns true if there were any. */
	giveUp(plans: readonly string[]): boolean {
		const plan = plans.find((each) => this.#storage.read(this.#key(each)) !== undefined);
		if (plan !== undefined) this.#storage.delete(this.#key(plan));
		return plan !== undefined;
	}

	#key(plan: string): string {
		return `t${hex.encode(this.#hashes.sha256(utf8.encode(plan)).subarray(0, 7))}`;
	}
}

function jsonOf(text: string): JsonText | undefined {
	return text === "" ? undefined : readJson(text, TERMS_LEVELS);
}
