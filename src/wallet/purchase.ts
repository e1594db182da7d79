/**
 * One purchase of one plan in one period, from the seller's terms to its outcome. This is the only code that asks the signer
 * for a payment's signature, and only after the policy has allowed it and its record is durable:
 *
 * rule and caps → record "intended" → signature → record "authorized", head → the payment leaves
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Outcome, PaidWaits, Payer, Payment } from "../x402/client.js";
import { paymentHeaderName, paymentHeaderParts, paymentHeaderValue } from "../x402/payment_payload.js";
import { acceptedOf, type PaymentRequired, readRequirementsText } from "../x402/payment_required.js";
import type { OfferedRequirements, PaymentRequirements } from "../x402/payment_requirements.js";
import { schemeOf } from "../x402/schemes/list.js";
import type { Authorization } from "../x402/schemes/scheme.js";
import { type Agreement, agree } from "./agreement.js";
import { type Choice, choose, NearestRefusal, named, withoutEntry } from "./choice.js";
import { PolicyError } from "./errors.js";
import { LifeCycle, type PurchaseOrder, type WalletDeps } from "./life_cycle.js";
import { checkCaps, ruleFor } from "./policy.js";
import { type Intent, isUnfunded, type PurchaseRecord, WALLET_EMPTY } from "./record.js";
import type { Rule } from "./rule.js";

/** Seconds: a signature that is valid for less is not worth making. */
const SHORTEST_VALIDITY = 10;
/** Seconds: how far a restart may set the clock back for a sent signature to be sent again. */
const CLOCK_MARGIN = 900;
/** Seconds: facilitators refuse what expires sooner. */
const FACILITATOR_MARGIN = 6;

/** Seconds beyond the payment's validity to wait for its answer, since a chain takes time. */
const SETTLING = 30;
/** Seconds. Data that is settled before it is served may arrive later than that. */
const SHORTEST_WAIT = 60;
/** Seconds, for a plan that sets nothing. */
const PAID_WAIT = 900;

export class Purchase implements Payer {
	readonly #deps: WalletDeps;
	readonly #order: PurchaseOrder;
	readonly #life: LifeCycle;
	#asked: PaymentRequirements | undefined;
	#isPrepaid = false;

	/** `record`: this purchase, if a restart left it open. */
	constructor(deps: WalletDeps, order: PurchaseOrder, record?: PurchaseRecord) {
		this.#deps = deps;
		this.#order = order;
		this.#life = new LifeCycle(deps, order, record);
	}

	/** The purchase's record in the ledger; `undefined` until a purchase has begun. */
	get record(): PurchaseRecord | undefined {
		return this.#life.record;
	}

	/** The chosen PaymentRequirements; before a choice, those that came closest to being allowed. */
	get asked(): PaymentRequirements | undefined {
		return this.#asked;
	}

	prepay(): Payment | undefined {
		const { record } = this.#life;
		// By the seller's present terms.
		if (record !== undefined && isUnfunded(record)) return undefined;
		if (record?.intent !== undefined) {
			const resumed = this.#resume(record, record.intent);
			if (resumed !== undefined) return resumed;
		}
		const terms = this.#deps.rememberedTerms.recall(this.#order.plan, this.#order.request);
		if (terms === undefined) return undefined;
		try {
			const choice = this.#choose(terms, this.#deps.rules);
			if (!choice.rule.prepay) return undefined;
			this.#isPrepaid = true;
			return this.#begin(terms, choice);
		} catch (error) {
			// The policy may still allow the seller's current terms.
			if (error instanceof PolicyError) return undefined;
			throw error;
		}
	}

	/** Pays by the seller's terms. Throws `TermsError`, `PolicyError`, `LedgerError`, `SignerError`; nothing has then left. */
	pay(terms: PaymentRequired): Payment {
		const { record } = this.#life;
		if (record !== undefined) return this.#replace(record, terms);
		return this.#begin(terms, this.#choose(terms, this.#deps.rules));
	}

	/** Records the outcome, also of a free delivery, so that a restart does not fetch it again. */
	end(outcome: Outcome): void {
		const { record } = this.#life;
		if (record === undefined) {
			if (outcome.state === "delivered") this.#life.endFree();
			return;
		}
		if (outcome.state === "refused" && outcome.outcome === WALLET_EMPTY) {
			this.#life.authorize({ outcome: WALLET_EMPTY });
			return;
		}
		// Nothing has left since the wallet was found empty.
		if (outcome.state === "refused" && isUnfunded(record)) return;
		this.#life.end(outcome);
		this.#remember(record, outcome);
	}

	/** Closes a purchase that stopped before a payment left, or before this run could send it again. */
	abandon(reason: string): void {
		const { record } = this.#life;
		if (record !== undefined && isUnfunded(record)) return;
		this.#life.abandon(reason);
	}

	#remember({ intent, rule }: PurchaseRecord, { state }: Outcome): void {
		const { rules, rememberedTerms } = this.#deps;
		const mayPrepay = rules.find(({ name }) => name === rule)?.prepay ?? false;
		try {
			if (mayPrepay && state === "delivered" && intent !== undefined) rememberedTerms.keep(this.#order.plan, intent);
			else rememberedTerms.forget(this.#order.plan);
		} catch {
			// The purchase is in the ledger, which is what matters. Losing remembered terms costs one round trip.
		}
	}

	/**
	 * Chooses requirements that `rules` allow. `count` is the number of signatures of this purchase, including the one to make.
	 */
	#choose(terms: PaymentRequired, rules: readonly Rule[], count = 1): Choice {
		const { seller, cap } = this.#order;
		const nearest = new NearestRefusal(rules, seller.origin);
		try {
			const choice = choose(terms, nearest, (requirements) => {
				const rule = ruleFor(rules, seller, requirements);
				checkCaps(rule, this.#life.spending(rule), requirements.amount, cap, count);
				return rule;
			});
			const requirements = named(choice.requirements, choice.rule);
			this.#asked = withoutEntry(requirements);
			return { requirements, rule: choice.rule };
		} catch (error) {
			this.#asked = nearest.requirements;
			throw error;
		}
	}

	#begin(terms: PaymentRequired, { requirements: offered, rule }: Choice): Payment {
		const nonce = new Uint8Array(schemeOf(offered).nonceLength);
		this.#deps.random(nonce);
		const { requirements, intent, longEcho } = this.#agree(terms, offered, nonce);
		const { network, asset, payTo, amount } = requirements;
		const fields = {
			kind: "payment",
			network,
			asset,
			payTo,
			amount,
			validBefore: this.#life.wall() + validity(requirements, rule) + this.#lag(requirements, rule),
			nonce,
			intent,
			progress: new Uint8Array(0),
		} as const;
		const record = this.#life.begin(rule, fields, longEcho);
		if (longEcho !== undefined) terms.release();
		return this.#authorize(record, requirements);
	}

	/**
	 * Replaces a payment with one by the seller's current terms: a prepayment that it refused, or one that the wallet could not
	 * cover, which then counts for the present period. It has the nonce of the first, so the network settles
	 * only one of the two if the scheme says so (`isReplaceable`). The first signature has left under a rule and stays counted
	 * there, so the same rule must allow the second. The record counts both signatures and the greater amount. Its single
	 * `validBefore` must cover both: it is the second signature's, and no earlier than the first's.
	 */
	#replace(record: PurchaseRecord, terms: PaymentRequired): Payment {
		const count = record.count + 1;
		const own = this.#deps.rules.filter(({ name }) => name === record.rule);
		const { requirements: offered, rule } = this.#choose(terms, own, count);
		const validBefore = this.#life.wall() + validity(offered, rule) + this.#lag(offered, rule);
		this.#checkReplaceable(record, offered, terms.x402Version, validBefore);
		if (record.intent?.payer !== this.#deps.address) {
			throw new PolicyError("TermsChanged", "this purchase was begun with another key: that key pays it");
		}
		this.#isPrepaid = false;
		const amount = uint256.compare(offered.amount, record.amount) > 0 ? offered.amount : record.amount;
		const { requirements, intent, longEcho } = this.#agree(terms, offered, record.nonce);
		const { payTo } = requirements;
		const { period } = this.#order;
		const changes = { amount, cost: amount, count, validBefore, payTo, intent };
		const replaced = this.#life.authorize({ ...changes, period, outcome: "" }, longEcho);
		if (longEcho !== undefined) terms.release();
		return this.#payment(replaced, requirements, this.#sign(replaced, requirements), false);
	}

	/**
	 * Seconds by which a signature lives longer by a clock that is behind its seller's, so that it lives as long as the terms ask by
	 * the seller's. Only where the error takes more than half of what facilitators leave of that time, and never past what the rule
	 * allows by this device's clock.
	 */
	#lag(requirements: PaymentRequirements, rule: Rule): number {
		const asked = validity(requirements, rule);
		const allowed = Math.floor((asked - FACILITATOR_MARGIN) / 2);
		const behind = this.#deps.mayBegin.secondsBehind?.(this.#order.seller.origin, allowed) ?? 0;
		return Math.min(behind, rule.maxValiditySeconds - asked, CLOCK_MARGIN);
	}

	/** Throws `PolicyError` `TermsChanged`. */
	#checkReplaceable(
		record: PurchaseRecord,
		requirements: OfferedRequirements,
		x402Version: 1 | 2,
		newValidBefore: number,
	): void {
		const { intent, validBefore } = record;
		const before = readRequirementsText(intent?.accepted ?? "null", intent?.x402Version ?? 2);
		let expected = "";
		if (!schemeOf(requirements).isReplaceable(before, requirements)) expected = "the same chain, asset and method";
		else if (!isUnfunded(record) && intent?.accepted === acceptedOf(requirements, x402Version))
			expected = "other terms than those it was paid by";
		else if (newValidBefore < validBefore) expected = "terms for as long as those it was paid by";
		if (expected === "") return;
		throw new PolicyError(
			"TermsChanged",
			`expected ${expected} after a payment that was refused: retry in the next period`,
		);
	}

	/**
	 * Resumes a purchase that a restart interrupted, if the rule that allowed it still does. If it was only intended, nothing
	 * has left: it is closed, and `undefined` means to ask the seller. Throws `PolicyError`.
	 */
	#resume(record: PurchaseRecord, intent: Intent): Payment | undefined {
		const requirements = readRequirementsText(intent.accepted, intent.x402Version);
		this.#asked = requirements;
		if (record.state === "authorized" || this.#deps.ledger.isOvertaken(record)) {
			const rule = this.#checkResumable(record, intent, requirements, CLOCK_MARGIN);
			this.#deps.ledger.confirm(record);
			const known = named(requirements, rule);
			return this.#payment(record, known, this.#sign(record, known), true);
		}
		try {
			if (this.#life.wall() < record.validBefore - SHORTEST_VALIDITY) {
				const rule = this.#checkResumable(record, intent, requirements, 0);
				this.#deps.ledger.checkEcho(record);
				return this.#authorize(record, named(requirements, rule));
			}
		} catch (error) {
			if (!(error instanceof PolicyError) && (error as Error).name !== "EchoLost") throw error;
		}
		this.#life.startOver("expired");
		return undefined;
	}

	/**
	 * Checks that the payment may be sent again: the owner may have changed rules, plans or the key, and the clock may have
	 * been wrong. Throws `PolicyError`.
	 */
	#checkResumable(record: PurchaseRecord, intent: Intent, requirements: PaymentRequirements, margin: number): Rule {
		const rule = this.#life.checkResumable(intent.request, requirements);
		if (intent.payer !== this.#deps.address) {
			throw new PolicyError(
				"TermsChanged",
				`this purchase was begun with the key of ${intent.payer}: only that key can pay it`,
			);
		}
		const seconds = record.validBefore - this.#life.wall();
		if (seconds > validity(requirements, rule) + margin) {
			throw new PolicyError(
				"TermsChanged",
				`rule "${rule.name}" allows a signature to be valid for ${rule.maxValiditySeconds} s, this one would be for ${seconds} s`,
			);
		}
		return rule;
	}

	#authorize(record: PurchaseRecord, requirements: PaymentRequirements): Payment {
		const signature = this.#sign(record, requirements);
		return this.#payment(this.#life.authorize(), requirements, signature, false);
	}

	#sign(record: PurchaseRecord, requirements: PaymentRequirements): Uint8Array {
		const { keys, slot } = this.#deps;
		return schemeOf(requirements).sign(keys, slot, this.#authorization(record, requirements));
	}

	#authorization({ nonce, validBefore }: PurchaseRecord, requirements: PaymentRequirements): Authorization {
		return { requirements, nonce, validBefore, from: this.#deps.address };
	}

	/** Throws `LedgerError` `EchoLost`: the same payment cannot be made again, and no other is. */
	#payment(
		record: PurchaseRecord,
		requirements: PaymentRequirements,
		signature: Uint8Array,
		isRepeated: boolean,
	): Payment {
		const { clock, ledger } = this.#deps;
		const { x402Version, accepted, resource, extensions, echoBytes } = record.intent!;
		const authorization = this.#authorization(record, requirements);
		ledger.checkEcho(record);
		const parts = () => paymentHeaderParts(authorization, signature, ledger.longEcho(record));
		const echo = { x402Version, accepted, resource, extensions };
		const since = clock.monotonic();
		const secondsLeft = () => record.validBefore - (this.#life.now() ?? Number.POSITIVE_INFINITY);
		return {
			headerName: paymentHeaderName(x402Version),
			headerValue: echoBytes > 0 ? { parts } : paymentHeaderValue(echo, authorization, signature),
			flow: requirements.flow,
			secondsLeft,
			waits: () => this.#waits(secondsLeft(), clock.monotonic() - since),
			isRepeated,
			isPrepaid: this.#isPrepaid,
		};
	}

	/** Returns the waits of the next exchange, `passed` milliseconds after the payment was made. */
	#waits(secondsLeft: number, passed: number): PaidWaits {
		const exchangeTimeout = (this.#order.paidWait ?? PAID_WAIT) * 1_000 - passed;
		const answer = Math.min(Math.max(secondsLeft + SETTLING, SHORTEST_WAIT) * 1_000, exchangeTimeout);
		return { headerTimeout: answer, idleTimeout: answer, exchangeTimeout };
	}

	#agree(terms: PaymentRequired, requirements: OfferedRequirements, nonce: Uint8Array): Agreement {
		return agree(terms, requirements, nonce, { request: this.#order.request, payer: this.#deps.address });
	}
}

/**
 * Returns the validity in seconds: as long as the seller asks for, but at most what the rule allows, since a signature is
 * spendable that long.
 */
function validity(requirements: PaymentRequirements, rule: Rule): number {
	return schemeOf(requirements).lifetime(requirements, rule.maxValiditySeconds);
}
