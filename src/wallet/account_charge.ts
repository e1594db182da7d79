/**
 * Spending that a market makes on our word: credits of an account, a premium, a deposit by a hosted wallet. The wallet's
 * key signs nothing, but the same rules, caps and ledger stand before it, and a restart goes on where it was:
 *
 * rule and caps → record "intended" → record "authorized" with what is about to be asked → the request leaves
 */
import { isSame } from "../../modules/encoding/bytes.js";
import { seconds } from "../device/clock.js";
import type { Outcome } from "../x402/client.js";
import { PolicyError } from "./errors.js";
import { checkCaps, ruleFor } from "./policy.js";
import type { PurchaseOrder, WalletDeps } from "./purchase.js";
import { isFinal, type PurchaseRecord } from "./record.js";

/** What will be spent, at most. */
export interface ChargeRequest {
	/** CAIP-2, or `account:` and the market for what is no chain. */
	readonly network: string;
	/** A token's lower-case address, or the market's name for its unit. */
	readonly asset: string;
	/** Whom it goes to: an escrow contract's address, or "" where the rules pin none. */
	readonly payTo: string;
	/** Base units, 32 bytes. */
	readonly amount: Uint8Array;
}

/** SHA-256. */
const REQUEST_SIZE = 32;

export class AccountCharge {
	readonly #deps: WalletDeps;
	readonly #order: PurchaseOrder;
	#record: PurchaseRecord | undefined;

	/** `record`: the purchase that a restart has left open, if this is it. */
	constructor(deps: WalletDeps, order: PurchaseOrder, record?: PurchaseRecord) {
		this.#deps = deps;
		this.#order = order;
		this.#record = record;
	}

	get record(): PurchaseRecord | undefined {
		return this.#record;
	}

	/** The most that the plan allows, base units. */
	get cap(): Uint8Array {
		return this.#order.cap;
	}

	/**
	 * What `begin` or `advance` kept last, of a purchase that a restart has left open. The owner may have changed rules or
	 * plans since: throws `PolicyError`, and then it is not gone on with.
	 */
	get progress(): Uint8Array | undefined {
		const record = this.#record;
		if (record === undefined || record.progress.length === 0) return undefined;
		this.#checkResumable(record);
		return record.progress.subarray(REQUEST_SIZE);
	}

	/**
	 * Takes the budget. `progress`, at most 1,024 bytes, is the market's own note of where it is; never a secret. Throws
	 * `PolicyError`, `LedgerError`: then nothing that costs may be asked.
	 */
	begin({ network, asset, payTo, amount }: ChargeRequest, progress: Uint8Array): void {
		const { rules, ledger } = this.#deps;
		const now = this.#wall();
		const rule = ruleFor(rules, this.#order.seller, {
			network,
			asset,
			payTo,
			method: "account",
			name: "",
			version: "",
		});
		// Whom a hosted wallet pays on our word nobody can tell from a signature: the owner has to have named it.
		if (payTo !== "" && rule.payTo.length === 0) {
			throw new PolicyError("PayToNotPinned", `rule "${rule.name}" has to name ${payTo} in payTo for it to be paid`);
		}
		checkCaps(rule, ledger.spending(rule, now), amount, this.#order.cap);
		this.#record = ledger.begin(
			{
				plan: this.#order.plan,
				period: this.#order.period,
				state: "intended",
				rule: rule.name,
				network,
				asset,
				amount,
				time: now,
				validBefore: now,
				nonce: new Uint8Array(0),
				intent: undefined,
				progress: this.#marked(progress),
				outcome: "",
				transaction: "",
			},
			now,
		);
	}

	/**
	 * Keeps where the purchase is: before each request that can cost, and after each answer that matters. From the first
	 * call on the money may be gone. Throws `LedgerError`: then the request may not be made.
	 */
	advance(progress: Uint8Array): void {
		this.#record = this.#deps.ledger.change({
			...this.#begun(),
			state: "authorized",
			progress: this.#marked(progress),
		});
	}

	/**
	 * Takes down how it ended. `amount` is what it cost, if that is known better than what was taken for it; it counts even
	 * when it is more. Nothing is given back on a market's word but what it says it did not take.
	 */
	end(outcome: Outcome, amount?: Uint8Array): void {
		const record = this.#begun();
		this.#record = this.#deps.ledger.change({
			...record,
			state: outcome.state,
			outcome: outcome.outcome,
			transaction: outcome.transaction,
			amount: amount ?? record.amount,
			progress: new Uint8Array(0),
		});
	}

	/** Closes what was stopped: what was only intended costs nothing, what was authorized may have. */
	abandon(reason: string): void {
		if (this.#record === undefined || isFinal(this.#record.state)) return;
		const state = this.#record.state === "intended" ? "expired" : "unknown";
		const progress = new Uint8Array(0);
		this.#record = this.#deps.ledger.change({ ...this.#record, state, outcome: reason, progress });
	}

	/** With the request's digest before it: progress with another request would be another purchase. */
	#marked(progress: Uint8Array): Uint8Array {
		const marked = new Uint8Array(REQUEST_SIZE + progress.length);
		marked.set(this.#order.request);
		marked.set(progress, REQUEST_SIZE);
		return marked;
	}

	#checkResumable(record: PurchaseRecord): void {
		const { seller, cap, request } = this.#order;
		if (!isSame(request, record.progress.subarray(0, REQUEST_SIZE))) {
			throw new PolicyError("TermsChanged", `plan "${record.plan}" asks for something else than before the restart`);
		}
		const rule = this.#deps.rules.find(({ name }) => name === record.rule);
		const isAllowed =
			rule?.origin === seller.origin && rule.asset.network === record.network && rule.asset.address === record.asset;
		if (rule === undefined || !isAllowed) {
			throw new PolicyError("NoRule", `rule "${record.rule}" allowed this purchase and does not any more`);
		}
		checkCaps(rule, this.#deps.ledger.spending(rule, this.#wall(), record.sequence), record.amount, cap);
	}

	#begun(): PurchaseRecord {
		if (this.#record === undefined)
			throw new PolicyError("NoRule", "expected a purchase that was begun: call begin first");
		return this.#record;
	}

	#wall(): number {
		const now = seconds(this.#deps.clock);
		if (now === undefined) {
			throw new PolicyError("WallTimeUnset", "expected wall time to be set before anything is spent: wait for SNTP");
		}
		return now;
	}
}
