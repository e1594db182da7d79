/**
 * The wallet: the owner's rules, the ledger and the key slot in one place. All purchases go through it.
 */
import { SignerError } from "../../modules/signer/errors.js";
import type { Signer } from "../../modules/signer/signer.js";
import { type Clock, seconds } from "../device/clock.js";
import type { Storage } from "../device/storage.js";
import { SCHEMES, schemeOfCurve } from "../x402/schemes/list.js";
import { AccountCharge } from "./account_charge.js";
import { Ledger } from "./ledger.js";
import type { AssetSums } from "./ledger_sums.js";
import { LifeCycle, type MayBegin, type PurchaseOrder, type WalletDeps } from "./life_cycle.js";
import type { Spending } from "./policy.js";
import { Purchase } from "./purchase.js";
import type { PurchaseRecord, Summary } from "./record.js";
import { RememberedTerms } from "./remembered_terms.js";
import type { Rule } from "./rule.js";

/** The port's parts that the wallet uses, and the owner's settings. */
export interface WalletOptions {
	readonly clock: Clock;
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: Signer;
	readonly storage: Storage;
	/** The key slot that pays. */
	readonly slot: number;
	readonly rules: readonly Rule[];
	/** The names of all plans. */
	readonly plans: readonly string[];
	readonly mayBegin?: MayBegin;
}

const ALWAYS: MayBegin = Object.freeze({
	isPaused: () => false,
	timeInDoubt: () => undefined,
	isTimeConfirmed: () => true,
});

export class Wallet {
	/** The payer's address in its scheme's notation. */
	readonly address: string;
	readonly #deps: WalletDeps;

	/** Throws `SignerError` `KeyMissing`, `KeyOfAnotherCurve`, `LedgerError` `LedgerDamaged`. */
	constructor({ clock, random, keys, storage, slot, rules, plans, mayBegin = ALWAYS }: WalletOptions) {
		const curve = keys.curve(slot);
		const publicKey = keys.publicKey(slot);
		const scheme = schemeOfCurve(curve);
		if (scheme === undefined) {
			const curves = SCHEMES.map((each) => each.curve).join(" or ");
			throw new SignerError("KeyOfAnotherCurve", `expected a ${curves} key in slot ${slot}, got ${curve}`);
		}
		this.address = scheme.addressOf(keys, publicKey);
		const rememberedTerms = new RememberedTerms(storage, keys);
		const ledger = new Ledger(storage, keys, rules, plans, () => rememberedTerms.giveUp(plans));
		this.#deps = { clock, random, keys, slot, address: this.address, rules, ledger, rememberedTerms, mayBegin };
	}

	/** Starts a purchase, or with `record` continues the one that a restart left open. */
	purchase(order: PurchaseOrder, record?: PurchaseRecord): Purchase {
		return new Purchase(this.#deps, order, record);
	}

	/** Starts or continues a charge to a market account. */
	account(order: PurchaseOrder, record?: PurchaseRecord): AccountCharge {
		return new AccountCharge(this.#deps, order, record);
	}

	openPurchases(): PurchaseRecord[] {
		return this.#deps.ledger.openPurchases();
	}

	/** Closes a purchase that a restart left open and that nothing will resume. */
	close(record: PurchaseRecord, reason: string): void {
		const order = { ...record, seller: { origin: "", path: "" }, cap: record.amount, request: new Uint8Array(0) };
		new LifeCycle(this.#deps, order, record).abandon(reason);
	}

	lastPeriod(plan: string): number | undefined {
		return this.#deps.ledger.lastPeriod(plan);
	}

	/** The purchases that still have a record of their own, oldest first. */
	purchases(): readonly Summary[] {
		return this.#deps.ledger.purchases();
	}

	/** Yields the full records of `purchases`. */
	*records(): Generator<PurchaseRecord> {
		for (const { sequence } of this.purchases()) yield this.purchaseOf(sequence)!;
	}

	/** The full record of one of `purchases`. */
	purchaseOf(sequence: number): PurchaseRecord | undefined {
		return this.#deps.ledger.purchase(sequence);
	}

	/** The spending of `rule`; without wall time, all of it counts in the window. */
	spending(rule: Rule): Spending {
		return this.#deps.ledger.spending(rule, seconds(this.#deps.clock) ?? 0);
	}

	spent(): AssetSums[] {
		return this.#deps.ledger.spent();
	}

	/** SHA-256. */
	digest(bytes: Uint8Array): Uint8Array {
		return this.#deps.keys.sha256(bytes);
	}
}
