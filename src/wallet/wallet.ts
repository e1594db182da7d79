/**
 * The wallet: the owner's rules, the ledger and the key slot in one place. What is bought goes through `purchase`.
 */
import { addressOfPublicKey } from "../../modules/signer/address.js";
import { SignerError } from "../../modules/signer/errors.js";
import type { Signer } from "../../modules/signer/signer.js";
import type { Clock } from "../device/clock.js";
import type { Storage } from "../device/storage.js";
import { AccountCharge } from "./account_charge.js";
import { Ledger, type Spent } from "./ledger.js";
import type { Spending } from "./policy.js";
import { type Means, type Order, Purchase } from "./purchase.js";
import type { PurchaseRecord, Summary } from "./record.js";
import { RememberedTerms } from "./remembered_terms.js";
import type { Rule } from "./rule.js";

/** What a port gives, and what the owner has set. */
export interface WalletOptions {
	readonly clock: Clock;
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: Signer;
	readonly storage: Storage;
	/** The key slot that pays: a secp256k1 key. */
	readonly slot: number;
	readonly rules: readonly Rule[];
	/** The names of all plans. */
	readonly plans: readonly string[];
}

export class Wallet {
	/** EIP-55. */
	readonly address: string;
	readonly #means: Means;

	/** Throws `SignerError` `KeyMissing`, `KeyOfAnotherCurve`, `LedgerError` `LedgerDamaged`. */
	constructor({ clock, random, keys, storage, slot, rules, plans }: WalletOptions) {
		const curve = keys.curve(slot);
		if (curve !== undefined && curve !== "secp256k1") {
			throw new SignerError("KeyOfAnotherCurve", `expected a secp256k1 key in slot ${slot} to pay with, got ${curve}`);
		}
		this.address = addressOfPublicKey(keys, keys.publicKey(slot));
		const ledger = new Ledger(storage, keys, rules, plans);
		const memory = new RememberedTerms(storage, keys);
		this.#means = { clock, random, keys, slot, address: this.address, rules, ledger, memory };
	}

	/** A purchase to be made, or with `record` the one that a restart has left open. */
	purchase(order: Order, record?: PurchaseRecord): Purchase {
		return new Purchase(this.#means, order, record);
	}

	/** The like for what a market spends on the word of an account. */
	account(order: Order, record?: PurchaseRecord): AccountCharge {
		return new AccountCharge(this.#means, order, record);
	}

	openPurchases(): PurchaseRecord[] {
		return this.#means.ledger.openPurchases();
	}

	/** Closes a purchase that a restart has left open and that nothing will go on with. */
	close(record: PurchaseRecord, reason: string): void {
		const order = { ...record, seller: { origin: "", path: "" }, cap: record.amount, request: new Uint8Array(0) };
		new Purchase(this.#means, order, record).abandon(reason);
	}

	lastPeriod(plan: string): number | undefined {
		return this.#means.ledger.lastPeriod(plan);
	}

	/** The purchases that the ledger keeps one by one, oldest first. */
	purchases(): readonly Summary[] {
		return this.#means.ledger.purchases();
	}

	/** One of `purchases`, whole. */
	purchaseOf(sequence: number): PurchaseRecord | undefined {
		return this.#means.ledger.purchase(sequence);
	}

	/** What `rule` has let go; without wall time all of it is in the window. */
	spending(rule: Rule): Spending {
		const wall = this.#means.clock.wall();
		return this.#means.ledger.spending(rule, wall === undefined ? 0 : Math.floor(wall / 1_000));
	}

	spent(): Spent[] {
		return this.#means.ledger.spent();
	}

	/** SHA-256. */
	digest(bytes: Uint8Array): Uint8Array {
		return this.#means.keys.sha256(bytes);
	}
}
