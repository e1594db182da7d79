/**
 * Charges to a market account: credits, premiums, hosted-wallet deposits. The wallet's key signs nothing, but the same rules,
 * caps and ledger come before each, and after a restart it is resumed where it was.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Outcome } from "../x402/client.js";
import { PolicyError } from "./errors.js";
import { LifeCycle, type PurchaseOrder, type WalletDeps } from "./life_cycle.js";
import { checkCaps, type PaymentAsked, ruleFor } from "./policy.js";
import type { PurchaseRecord } from "./record.js";

/** What will be spent, at most. */
export interface ChargeRequest {
	/** CAIP-2, or `account:` and the market for what is no chain. */
	readonly network: string;
	/** A token's lower-case address, or the market's name for its unit. */
	readonly asset: string;
	/** Whom it goes to: an escrow contract's address, or "" where the market does not say. */
	readonly payTo: string;
	/** Base units, 32 bytes. */
	readonly amount: Uint8Array;
	/** True if the market may take more than `amount`: then all that plan and rule allow for one purchase is reserved. */
	readonly isEstimate?: boolean;
}

/** SHA-256. */
const REQUEST_SIZE = 32;

export class AccountCharge {
	readonly #deps: WalletDeps;
	readonly #order: PurchaseOrder;
	readonly #life: LifeCycle;

	/** `record`: the purchase that a restart has left open, if this is it. */
	constructor(deps: WalletDeps, order: PurchaseOrder, record?: PurchaseRecord) {
		this.#deps = deps;
		this.#order = order;
		this.#life = new LifeCycle(deps, order, record);
	}

	get record(): PurchaseRecord | undefined {
		return this.#life.record;
	}

	/** The most that the plan allows, base units. */
	get cap(): Uint8Array {
		return this.#order.cap;
	}

	/**
	 * What `begin` or `advance` kept last, of a purchase that a restart has left open. The owner may have changed rules or
	 * plans since: throws `PolicyError`, and then it may not be resumed.
	 */
	get progress(): Uint8Array | undefined {
		const { record } = this.#life;
		if (record === undefined || record.progress.length === 0) return undefined;
		// Format 1 has no payTo.
		const payTo = record.revision === 0 ? undefined : record.payTo;
		this.#life.checkResumable(record.progress.subarray(0, REQUEST_SIZE), asked({ ...record, payTo }));
		if (record.state === "authorized") this.#deps.ledger.confirm(record);
		return record.progress.subarray(REQUEST_SIZE);
	}

	/**
	 * Reserves the budget. `progress`, at most 1,024 bytes, is the market's own note of where it is; never a secret. Throws
	 * `PolicyError`, `LedgerError`: then nothing that costs may be asked.
	 */
	begin(charge: ChargeRequest, progress: Uint8Array): void {
		const { network, asset, payTo, amount, isEstimate } = charge;
		const rule = ruleFor(this.#deps.rules, this.#order.seller, asked(charge));
		// A hosted wallet signs for us, so no signature of ours shows the payee: the owner has to pin it.
		if (payTo !== "" && rule.payTo.length === 0) {
			throw new PolicyError("PayToNotPinned", `rule "${rule.name}" has to name ${payTo} in payTo for it to be paid`);
		}
		const spending = this.#life.spending(rule);
		checkCaps(rule, spending, amount, this.#order.cap);
		const reserved = isEstimate === true ? smaller(this.#order.cap, uint256.fromDecimal(rule.maxPerPayment)) : amount;
		if (reserved !== amount) checkCaps(rule, spending, reserved, this.#order.cap);
		this.#life.begin(rule, {
			kind: "charge",
			network,
			asset,
			payTo,
			amount: reserved,
			validBefore: this.#life.wall(),
			nonce: new Uint8Array(0),
			intent: undefined,
			progress: this.#marked(progress),
		});
	}

	/**
	 * Makes durable where the purchase is: before each request that can cost, and after each answer that matters. From the
	 * first call on the money may be gone. Throws `LedgerError`: then the request may not be made.
	 */
	advance(progress: Uint8Array): void {
		this.#life.authorize({ progress: this.#marked(progress) });
	}

	/**
	 * Records how it ended. `cost` is what it cost, if the market says so. It counts in the window and for people; for life
	 * the amount that was reserved counts, or `cost` when that is more.
	 */
	end(outcome: Outcome, cost?: Uint8Array): void {
		this.#life.end(outcome, cost);
	}

	/** Closes a charge of which no byte of any request has left: nothing counts. */
	release(reason: string): void {
		this.#life.release(reason);
	}

	/** Closes what was stopped: what was only intended costs nothing, what was authorized may have. */
	abandon(reason: string): void {
		this.#life.abandon(reason);
	}

	/** With the request's digest before it: progress with another request would be another purchase. */
	#marked(progress: Uint8Array): Uint8Array {
		const marked = new Uint8Array(REQUEST_SIZE + progress.length);
		marked.set(this.#order.request);
		marked.set(progress, REQUEST_SIZE);
		return marked;
	}
}

function smaller(a: Uint8Array, b: Uint8Array): Uint8Array {
	return uint256.compare(a, b) < 0 ? a : b;
}

/** What the rules look at. */
function asked({ network, asset, payTo }: Pick<PaymentAsked, "network" | "asset" | "payTo">): PaymentAsked {
	return { network, asset, payTo, method: "account", name: "", version: "" };
}
