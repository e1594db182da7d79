/**
 * The life cycle of one purchase, whether the wallet signs a payment or a market charges an account:
 *
 * rule and caps → record "intended" → record "authorized" → money may leave → record of its end
 *
 * It holds what both kinds share: the record and its changes, the checks before each step, and the clock.
 */
import { isSame } from "../../modules/encoding/bytes.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Signer } from "../../modules/signer/signer.js";
import { type Clock, seconds } from "../device/clock.js";
import type { Outcome } from "../x402/client.js";
import { PolicyError } from "./errors.js";
import type { Ledger } from "./ledger.js";
import { checkCaps, type PaymentAsked, ruleNamed, type Seller, type Spending } from "./policy.js";
import { isFinal, type PurchaseRecord } from "./record.js";
import type { RememberedTerms } from "./remembered_terms.js";
import type { Rule } from "./rule.js";

/** A purchase to make, as far as money is concerned. */
export interface PurchaseOrder {
	readonly plan: string;
	readonly period: number;
	readonly seller: Seller;
	/** The plan's own cap, base units. */
	readonly cap: Uint8Array;
	/** SHA-256 of the request: only the same request may be resumed. */
	readonly request: Uint8Array;
	/** The longest wait for the answer to a payment, in seconds. */
	readonly paidWait?: number;
}

/** Dependencies of a purchase. */
export interface WalletDeps {
	readonly clock: Clock;
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: Signer;
	readonly slot: number;
	/** The payer's address. */
	readonly address: string;
	readonly rules: readonly Rule[];
	readonly ledger: Ledger;
	readonly rememberedTerms: RememberedTerms;
	readonly mayBegin: MayBegin;
}

/** Conditions that may block a new purchase. */
export interface MayBegin {
	/** True if the owner has paused the agent, perhaps while the seller was being asked. */
	isPaused(): boolean;
	/** The time that `origin` reported over TLS (milliseconds since the epoch), if the clock is more than a day off it. */
	timeInDoubt(origin: string): number | undefined;
	/** Returns the seconds that the clock is behind that of `origin`, if they are more than `allowed`; else 0. */
	secondsBehind?(origin: string, allowed: number): number;
	/** True if a second source has confirmed wall time in this run. */
	isTimeConfirmed(): boolean;
}

/**
 * Seconds that an unconfirmed clock may be behind or ahead of the newest purchase: a device may be off for two years. Entries
 * written with a wrong clock block plans and windows until that time.
 */
const MOST_BEHIND = 86_400;
const MOST_AHEAD = 2 * 365 * 86_400;

/** Fields that each kind of purchase sets when it begins. */
type Intended = Pick<
	PurchaseRecord,
	"kind" | "network" | "asset" | "payTo" | "amount" | "validBefore" | "nonce" | "intent" | "progress"
>;

export class LifeCycle {
	readonly #deps: WalletDeps;
	readonly #order: PurchaseOrder;
	#record: PurchaseRecord | undefined;

	/** `record`: this purchase, if a restart left it open. */
	constructor(deps: WalletDeps, order: PurchaseOrder, record?: PurchaseRecord) {
		this.#deps = deps;
		this.#order = order;
		this.#record = record;
	}

	/** The purchase's record in the ledger; `undefined` until a purchase has begun. */
	get record(): PurchaseRecord | undefined {
		return this.#record;
	}

	/** Reserves the budget: nothing has left, and nothing may before `authorize`. Throws `LedgerError`, `PolicyError`. */
	begin(rule: Rule, intended: Intended, longEcho?: Iterable<Uint8Array>): PurchaseRecord {
		this.#checkMayBegin();
		return this.#begin({ ...intended, state: "intended", rule: rule.name, outcome: "" }, this.wall(), longEcho);
	}

	/** Records a free delivery, so that a restart does not fetch it again. */
	endFree(): void {
		// With a wrong clock, the record could count for a period in another year. Without it, a restart may fetch again, for
		// free.
		if (this.#timeInDoubt() !== undefined) return;
		const time = this.now() ?? 0;
		const nothing = {
			rule: "",
			network: "",
			asset: "",
			payTo: "",
			amount: new Uint8Array(32),
			nonce: new Uint8Array(0),
		};
		const free = { ...nothing, kind: "free", state: "delivered", outcome: "free" } as const;
		this.#begin({ ...free, validBefore: time, intent: undefined, progress: new Uint8Array(0) }, time);
	}

	/** Money may leave when this returns. Throws `LedgerError`: then it may not. */
	authorize(changes: Partial<PurchaseRecord> = {}, longEcho?: Iterable<Uint8Array>): PurchaseRecord {
		return this.#change({ ...changes, state: "authorized" }, longEcho);
	}

	/**
	 * Records the outcome. `cost` is the price that a market reports. It counts even if it is more than was reserved, and it
	 * never lowers the sum for life.
	 */
	end({ state, outcome, transaction }: Outcome, cost?: Uint8Array): PurchaseRecord {
		const { amount } = this.begun;
		const isMore = cost !== undefined && uint256.compare(cost, amount) > 0;
		return this.#change({
			state,
			outcome,
			transaction,
			amount: isMore ? cost : amount,
			cost: cost ?? amount,
			intent: undefined,
			progress: new Uint8Array(0),
		});
	}

	/**
	 * Closes an interrupted purchase. If it was only intended, nothing has left and its budget comes back. If it was
	 * authorized, or overtaken by a later purchase, its outcome is unknown.
	 */
	abandon(reason: string): void {
		if (this.#record === undefined || isFinal(this.#record.state)) return;
		const isUnspent = this.#record.state === "intended" && !this.#deps.ledger.isOvertaken(this.#record);
		const state = isUnspent ? "expired" : "unknown";
		this.#change({ state, outcome: reason, intent: undefined, progress: new Uint8Array(0) });
	}

	/** Closes an authorized purchase for which nothing has left: its budget comes back. */
	release(reason: string): void {
		this.#change({ state: "expired", outcome: reason, intent: undefined, progress: new Uint8Array(0) });
	}

	/** Drops a purchase that was closed before anything left: the next one is a new purchase. */
	startOver(reason: string): void {
		this.abandon(reason);
		this.#record = undefined;
	}

	/** The record of a purchase that has begun. */
	get begun(): PurchaseRecord {
		if (this.#record === undefined) throw new PolicyError("NoRule", "no purchase has begun: call begin first");
		return this.#record;
	}

	/**
	 * Checks that the purchase may be resumed. The owner may have changed rules or plans since: only the rule that allowed it
	 * can allow it again, with all of that rule's present fields. `request` is the digest of the original request. Throws
	 * `PolicyError`.
	 */
	checkResumable(request: Uint8Array, asked: PaymentAsked): Rule {
		const record = this.begun;
		const { seller, cap } = this.#order;
		if (!isSame(request, this.#order.request)) {
			throw new PolicyError(
				"TermsChanged",
				`plan "${record.plan}" makes another request than before the restart: the old purchase is not resumed`,
			);
		}
		const rule = ruleNamed(this.#deps.rules, record.rule, seller, asked);
		checkCaps(rule, this.spending(rule), record.amount, cap, record.count);
		return rule;
	}

	/** The rule's spending, without this purchase. */
	spending(rule: Rule): Spending {
		return this.#deps.ledger.spending(rule, this.wall(), this.#record?.sequence);
	}

	/** Seconds since the epoch. */
	now(): number | undefined {
		return seconds(this.#deps.clock);
	}

	/** Returns wall time, seconds. Throws `PolicyError` `WallTimeUnset`: nothing is spent without it. */
	wall(): number {
		const now = this.now();
		if (now === undefined) {
			throw new PolicyError("WallTimeUnset", "wall time is not set: wait for SNTP, nothing is spent before");
		}
		return now;
	}

	/** Throws `PolicyError` `Paused`, `ClockDoubtful`. */
	#checkMayBegin(): void {
		if (this.#deps.mayBegin.isPaused()) {
			throw new PolicyError("Paused", 'the agent is paused: enter "resume" to continue');
		}
		const theirs = this.#timeInDoubt();
		if (theirs !== undefined) throw this.#doubtful(`${this.#order.seller.origin} says`, theirs);
		const newest = this.#deps.ledger.newestTime();
		if (newest === undefined || this.#deps.mayBegin.isTimeConfirmed()) return;
		const ahead = this.wall() - newest;
		if (ahead < -MOST_BEHIND || ahead > MOST_AHEAD) throw this.#doubtful("the newest purchase is of", newest * 1_000);
	}

	/** `time`: milliseconds since the epoch. */
	#doubtful(who: string, time: number): PolicyError {
		const [mine, other] = [this.wall() * 1_000, time].map((each) => new Date(each).toISOString());
		return new PolicyError("ClockDoubtful", `the clock says ${mine}, ${who} ${other}: set the clock with "time"`);
	}

	#timeInDoubt(): number | undefined {
		return this.#deps.mayBegin.timeInDoubt(this.#order.seller.origin);
	}

	#begin(
		record: Intended & Pick<PurchaseRecord, "state" | "rule" | "outcome">,
		time: number,
		longEcho?: Iterable<Uint8Array>,
	): PurchaseRecord {
		const { plan, period } = this.#order;
		this.#record = this.#deps.ledger.begin({ ...record, plan, period, time, transaction: "" }, time, longEcho);
		return this.#record;
	}

	#change(changes: Partial<PurchaseRecord>, longEcho?: Iterable<Uint8Array>): PurchaseRecord {
		this.#record = this.#deps.ledger.change({ ...this.begun, ...changes }, longEcho);
		return this.#record;
	}
}
