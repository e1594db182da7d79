/**
 * The life of one purchase, whether the wallet signs a payment or a market charges an account:
 *
 * rule and caps → record "intended" → record "authorized" → money may leave → record of its end
 *
 * It holds what both have in common: the record and its changes, the checks before each step, the clock that both need.
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

/** What is to be bought, as far as money is concerned. */
export interface PurchaseOrder {
	readonly plan: string;
	readonly period: number;
	readonly seller: Seller;
	/** The plan's own cap, base units. */
	readonly cap: Uint8Array;
	/** SHA-256 of the request: what is resumed is the same request or nothing. */
	readonly request: Uint8Array;
}

/** What a purchase works with. */
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

/** What else stands before a purchase begins: each method says whether it does. */
export interface MayBegin {
	/** The owner has paused the agent, perhaps while the seller was being asked. */
	isPaused(): boolean;
	/** The time that `origin` has said over TLS, if the clock is more than a day off it: milliseconds since the epoch. */
	timeInDoubt(origin: string): number | undefined;
}

/** What a kind of purchase adds to its record at the beginning. */
type Intended = Pick<
	PurchaseRecord,
	"kind" | "network" | "asset" | "payTo" | "amount" | "validBefore" | "nonce" | "intent" | "progress"
>;

export class LifeCycle {
	readonly #deps: WalletDeps;
	readonly #order: PurchaseOrder;
	#record: PurchaseRecord | undefined;

	/** `record`: the purchase that a restart has left open, if this is it. */
	constructor(deps: WalletDeps, order: PurchaseOrder, record?: PurchaseRecord) {
		this.#deps = deps;
		this.#order = order;
		this.#record = record;
	}

	/** What the ledger knows of it; `undefined` as long as nothing was agreed to. */
	get record(): PurchaseRecord | undefined {
		return this.#record;
	}

	/** Reserves the budget: nothing has left, and nothing may before `authorize`. Throws `LedgerError`, `PolicyError`. */
	begin(rule: Rule, intended: Intended): PurchaseRecord {
		this.#checkMayBegin();
		return this.#begin({ ...intended, state: "intended", rule: rule.name, outcome: "" }, this.wall());
	}

	/** Records what was free, so that a restart does not fetch it again. */
	endFree(): void {
		// By a wrong clock it would count for a period of another year. A restart may fetch it again, for nothing.
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
	authorize(changes: Partial<PurchaseRecord> = {}): PurchaseRecord {
		return this.#change({ ...changes, state: "authorized" });
	}

	/**
	 * Records how it ended. `cost` is what a market says that it has cost: it counts even when it is more than was reserved,
	 * and never makes the sum for life less.
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
	 * Closes what was stopped before it could end. Nothing has left of what was only intended, so its budget comes back; of
	 * what was authorized, or overtaken by a later purchase, nobody knows.
	 */
	abandon(reason: string): void {
		if (this.#record === undefined || isFinal(this.#record.state)) return;
		const isUnspent = this.#record.state === "intended" && !this.#deps.ledger.isOvertaken(this.#record);
		const state = isUnspent ? "expired" : "unknown";
		this.#change({ state, outcome: reason, intent: undefined, progress: new Uint8Array(0) });
	}

	/** Closes a purchase that was authorized and of which nothing has left all the same: its budget comes back. */
	release(reason: string): void {
		this.#change({ state: "expired", outcome: reason, intent: undefined, progress: new Uint8Array(0) });
	}

	/** Forgets a purchase that was closed before anything left: the next is another. */
	startOver(reason: string): void {
		this.abandon(reason);
		this.#record = undefined;
	}

	/** The record, once there is one. */
	get begun(): PurchaseRecord {
		if (this.#record === undefined) throw new PolicyError("NoRule", "no purchase has begun: call begin first");
		return this.#record;
	}

	/**
	 * The owner may have changed rules or plans since the purchase began: it is resumed only under the rule that allowed it,
	 * by each field of that rule as it is now. `request` is what was asked before. Throws `PolicyError`.
	 */
	checkResumable(request: Uint8Array, asked: PaymentAsked): Rule {
		const record = this.begun;
		const { seller, cap } = this.#order;
		if (!isSame(request, this.#order.request)) {
			throw new PolicyError("TermsChanged", `plan "${record.plan}" asks for something else than before the restart`);
		}
		const rule = ruleNamed(this.#deps.rules, record.rule, seller, asked);
		checkCaps(rule, this.spending(rule), record.amount, cap, record.count);
		return rule;
	}

	/** What the rule has let go, this purchase left out. */
	spending(rule: Rule): Spending {
		return this.#deps.ledger.spending(rule, this.wall(), this.#record?.sequence);
	}

	/** Seconds since the epoch. */
	now(): number | undefined {
		return seconds(this.#deps.clock);
	}

	/** No wall time, no spending: throws `PolicyError` `WallTimeUnset`. */
	wall(): number {
		const now = this.now();
		if (now === undefined) {
			throw new PolicyError("WallTimeUnset", "wall time is not set and nothing is spent without it: wait for SNTP");
		}
		return now;
	}

	/** Throws `PolicyError` `Paused`, `ClockDoubtful`. */
	#checkMayBegin(): void {
		if (this.#deps.mayBegin.isPaused()) {
			throw new PolicyError("Paused", 'the owner has paused the agent: "resume" ends the pause');
		}
		const theirs = this.#timeInDoubt();
		if (theirs === undefined) return;
		const [mine, other] = [this.wall() * 1_000, theirs].map((time) => new Date(time).toISOString());
		const { origin } = this.#order.seller;
		throw new PolicyError("ClockDoubtful", `the clock says ${mine} and ${origin} says ${other}: set it with "time"`);
	}

	#timeInDoubt(): number | undefined {
		return this.#deps.mayBegin.timeInDoubt(this.#order.seller.origin);
	}

	#begin(record: Intended & Pick<PurchaseRecord, "state" | "rule" | "outcome">, time: number): PurchaseRecord {
		const { plan, period } = this.#order;
		this.#record = this.#deps.ledger.begin({ ...record, plan, period, time, transaction: "" }, time);
		return this.#record;
	}

	#change(changes: Partial<PurchaseRecord>): PurchaseRecord {
		this.#record = this.#deps.ledger.change({ ...this.begun, ...changes });
		return this.#record;
	}
}
