/**
 * Charges to a market account: credits, premiums, hosted-wallet deposits. The wallet's key signs nothing, but each charge
 * passes the same rules, caps and ledger first. After a restart it resumes where it stopped.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Outcome } from "../x402/client.js";
import { PolicyError } from "./errors.js";
import { LifeCycle, type PurchaseOrder, type WalletDeps } from "./life_cycle.js";
import { checkCaps, type PaymentAsked, ruleFor } from "./policy.js";
import type { PurchaseRecord } from "./record.js";

/** The most that a purchase will spend, and on what. */
export interface ChargeRequest {
	/** CAIP-2, or `account:` followed by the market's name when no chain is involved. */
	readonly network: string;
	/** A token's lower-case address, or the market's name for its unit. */
	readonly asset: string;
	/** The payee: an escrow contract's address, or "" if the market does not name one. */
	readonly payTo: string;
	/** Base units, 32 bytes. */
	readonly amount: Uint8Array;
	/**
	 * True if the market may take more than `amount`: the purchase then reserves all that plan and rule allow for one payment.
	 */
	readonly isEstimate?: boolean;
}

/** Bytes of a SHA-256. */
const REQUEST_SIZE = 32;

export class AccountCharge {
	readonly #deps: WalletDeps;
	readonly #order: PurchaseOrder;
	readonly #life: LifeCycle;

	/** `record`: this purchase, if a restart left it open. */
	constructor(deps: WalletDeps, order: PurchaseOrder, record?: PurchaseRecord) {
		this.#deps = deps;
		this.#order = order;
		this.#life = new LifeCycle(deps, order, record);
	}

	get record(): PurchaseRecord | undefined {
		return this.#life.record;
	}

	/** The plan's cap, base units. */
	get cap(): Uint8Array {
		return this.#order.cap;
	}

	/**
	 * The progress that `begin` or `advance` last saved, for a purchase that a restart left open. Throws `PolicyError` if the
	 * owner has since changed rules or plans so that it may not be resumed.
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
	 * Reserves the budget. `progress` is the market's own resume state: at most 1,024 bytes, and never a secret. Throws
	 * `PolicyError`, `LedgerError`; no request that costs money may then be sent.
	 */
	begin(charge: ChargeRequest, progress: Uint8Array): void {
		const { network, asset, payTo, amount, isEstimate } = charge;
		const rule = ruleFor(this.#deps.rules, this.#order.seller, asked(charge));
		// A hosted wallet signs for us, so no signature of ours shows the payee: require the owner to pin it.
		if (payTo !== "" && rule.payTo.length === 0) {
			throw new PolicyError(
				"PayToNotPinned",
				`rule "${rule.name}" pins no payee: add ${payTo} to its payTo to allow this charge`,
			);
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
	 * Saves the progress durably. Call it before each request that can cost money, and after each answer that matters. From the
	 * first call on, the money may be gone. Throws `LedgerError`; the request must then not be sent.
	 */
	advance(progress: Uint8Array): void {
		this.#life.authorize({ progress: this.#marked(progress) });
	}

	/**
	 * Records the outcome. `cost` is the price that the market reports, if any; it counts in the window and in reports. For
	 * life, the reserved amount counts, or `cost` if that is greater.
	 */
	end(outcome: Outcome, cost?: Uint8Array): void {
		this.#life.end(outcome, cost);
	}

	/** Closes a charge whose requests never left, not even in part: nothing counts. */
	release(reason: string): void {
		this.#life.release(reason);
	}

	/** Closes an interrupted charge. One that was only intended costs nothing; one that was authorized may have cost money. */
	abandon(reason: string): void {
		this.#life.abandon(reason);
	}

	/** Prefixes the request's digest: progress of another request belongs to another purchase. */
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

/** Picks what the rules compare. */
function asked({ network, asset, payTo }: Pick<PaymentAsked, "network" | "asset" | "payTo">): PaymentAsked {
	return { network, asset, payTo, method: "account", name: "", version: "" };
}
