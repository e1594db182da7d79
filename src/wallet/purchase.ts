/**
 * One purchase of one plan in one period, from the seller's terms to its outcome. This is the only code that asks the signer
 * for a payment's signature, and only after the policy has allowed it and its record is durable:
 *
 * rule and caps → record "intended" → signature → record "authorized", head → the payment leaves
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Outcome, PaidWaits, Payer, Payment } from "../x402/client.js";
import { TermsError } from "../x402/errors.js";
import { type Echo, paymentHeaderName, paymentHeaderValue } from "../x402/payment_payload.js";
import { type PaymentRequired, readRequirementsText } from "../x402/payment_required.js";
import type { PaymentRequirements } from "../x402/payment_requirements.js";
import { schemeOf } from "../x402/schemes/list.js";
import type { Authorization } from "../x402/schemes/scheme.js";
import { LedgerError, PolicyError } from "./errors.js";
import { LifeCycle, type PurchaseOrder, type WalletDeps } from "./life_cycle.js";
import { checkCaps, ruleFor } from "./policy.js";
import type { Intent, PurchaseRecord } from "./record.js";
import type { Rule } from "./rule.js";

/** Seconds: a signature that is valid for less is not worth making. */
const SHORTEST_VALIDITY = 10;
/** Seconds: how far a restart may set the clock back for a sent signature to be sent again. */
const CLOCK_MARGIN = 900;

/** Bytes of the terms in one record: flash takes 4,000, of which the other fields need some 500. */
const ECHO_BYTES = 3_500;

/** Seconds: an answer is waited for as long as its payment can be settled, and so much longer, since a chain takes its time. */
const SETTLING = 30;
/** Seconds: what was settled before it is served may come later than that. */
const SHORTEST_WAIT = 60;
/** Seconds, for a plan that says nothing. */
const PAID_WAIT = 900;

/** PaymentRequirements that the policy allows, and the rule that allows them. */
interface Choice {
	readonly requirements: PaymentRequirements;
	readonly rule: Rule;
}

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

	/** The chosen PaymentRequirements; before a choice, the seller's first. */
	get asked(): PaymentRequirements | undefined {
		return this.#asked;
	}

	prepay(): Payment | undefined {
		const { record } = this.#life;
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
		this.#life.end(outcome);
		this.#remember(record, outcome);
	}

	/** Closes a purchase that stopped before a payment left, or before this run could send it again. */
	abandon(reason: string): void {
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
	 * Chooses the first of `accepts` that `rules` allow, and prefers one that settles after serving. `count` is the number of
	 * signatures of this purchase, including the one to make.
	 */
	#choose(terms: PaymentRequired, rules: readonly Rule[], count = 1): Choice {
		const allowed: Choice[] = [];
		let refusal: Error | undefined;
		this.#asked = terms.accepts[0];
		for (const requirements of terms.accepts) {
			try {
				const rule = ruleFor(rules, this.#order.seller, requirements);
				checkCaps(rule, this.#life.spending(rule), requirements.amount, this.#order.cap, count);
				allowed.push({ requirements, rule });
			} catch (error) {
				if (!(error instanceof PolicyError)) throw error;
				refusal ??= error;
			}
		}
		const choice = allowed.find(({ requirements }) => requirements.flow === "authorization") ?? allowed[0];
		if (choice === undefined) throw refusal ?? terms.unusable[0] ?? termsGone();
		// Copied, to hold only its own JSON and not the seller's whole terms for as long as the purchase lasts.
		const requirements = { ...choice.requirements };
		this.#asked = requirements;
		return { requirements, rule: choice.rule };
	}

	#begin(terms: PaymentRequired, { requirements, rule }: Choice): Payment {
		const nonce = new Uint8Array(schemeOf(requirements).nonceLength);
		this.#deps.random(nonce);
		const { network, asset, payTo, amount } = requirements;
		const intent = this.#intent(terms, requirements);
		const record = this.#life.begin(rule, {
			kind: "payment",
			network,
			asset,
			payTo,
			amount,
			validBefore: this.#life.wall() + validity(requirements, rule),
			nonce,
			intent,
			progress: new Uint8Array(0),
		});
		return this.#authorize(record, requirements, intent);
	}

	/**
	 * Replaces a prepayment with a payment by the seller's current terms. It has the nonce of the first, so the network settles
	 * only one of the two if the scheme says so (`isReplaceable`). The first signature has left under a rule and stays counted
	 * there, so the same rule must allow the second. The record counts both signatures and the greater amount. Its single
	 * `validBefore` must cover both: it is the second signature's, and no earlier than the first's.
	 */
	#replace(record: PurchaseRecord, terms: PaymentRequired): Payment {
		const count = record.count + 1;
		const own = this.#deps.rules.filter(({ name }) => name === record.rule);
		const { requirements, rule } = this.#choose(terms, own, count);
		const validBefore = this.#life.wall() + validity(requirements, rule);
		this.#checkReplaceable(record, requirements, validBefore);
		this.#isPrepaid = false;
		const amount = uint256.compare(requirements.amount, record.amount) > 0 ? requirements.amount : record.amount;
		const intent = this.#intent(terms, requirements);
		const { payTo } = requirements;
		const replaced = this.#life.authorize({ amount, cost: amount, count, validBefore, payTo, intent });
		return this.#payment(replaced, requirements, intent, this.#sign(replaced, requirements), false);
	}

	/** Throws `PolicyError` `TermsChanged`. */
	#checkReplaceable(
		{ intent, validBefore }: PurchaseRecord,
		requirements: PaymentRequirements,
		newValidBefore: number,
	): void {
		const before = readRequirementsText(intent?.accepted ?? "null", intent?.x402Version ?? 2);
		let expected = "";
		if (!schemeOf(requirements).isReplaceable(before, requirements)) expected = "the same chain, asset and method";
		else if (before.json === requirements.json) expected = "other terms than those it was paid by";
		else if (newValidBefore < validBefore) expected = "terms for as long as those it was paid by";
		if (expected === "") return;
		throw new PolicyError("TermsChanged", `expected ${expected} after a prepayment: retry in the next period`);
	}

	/**
	 * Resumes a purchase that a restart interrupted, if the rule that allowed it still does. If it was only intended, nothing
	 * has left: it is closed, and `undefined` means to ask the seller. Throws `PolicyError`.
	 */
	#resume(record: PurchaseRecord, intent: Intent): Payment | undefined {
		const requirements = readRequirementsText(intent.accepted, intent.x402Version);
		this.#asked = requirements;
		if (record.state === "authorized" || this.#deps.ledger.isOvertaken(record)) {
			this.#checkResumable(record, intent, requirements, CLOCK_MARGIN);
			this.#deps.ledger.confirm(record);
			return this.#payment(record, requirements, intent, this.#sign(record, requirements), true);
		}
		try {
			if (this.#life.wall() < record.validBefore - SHORTEST_VALIDITY) {
				this.#checkResumable(record, intent, requirements, 0);
				return this.#authorize(record, requirements, intent);
			}
		} catch (error) {
			if (!(error instanceof PolicyError)) throw error;
		}
		this.#life.startOver("expired");
		return undefined;
	}

	/**
	 * Checks that the payment may be sent again: the owner may have changed rules, plans or the key, and the clock may have
	 * been wrong. Throws `PolicyError`.
	 */
	#checkResumable(record: PurchaseRecord, intent: Intent, requirements: PaymentRequirements, margin: number): void {
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
	}

	#authorize(record: PurchaseRecord, requirements: PaymentRequirements, echo: Omit<Echo, "accepted">): Payment {
		const signature = this.#sign(record, requirements);
		return this.#payment(this.#life.authorize(), requirements, echo, signature, false);
	}

	#sign(record: PurchaseRecord, requirements: PaymentRequirements): Uint8Array {
		const { keys, slot } = this.#deps;
		return schemeOf(requirements).sign(keys, slot, this.#authorization(record, requirements));
	}

	#authorization({ nonce, validBefore }: PurchaseRecord, requirements: PaymentRequirements): Authorization {
		return { requirements, nonce, validBefore, from: this.#deps.address };
	}

	#payment(
		record: PurchaseRecord,
		requirements: PaymentRequirements,
		{ x402Version, resource, extensions }: Omit<Echo, "accepted">,
		signature: Uint8Array,
		isRepeated: boolean,
	): Payment {
		const echo = { x402Version, accepted: requirements.json, resource, extensions };
		const since = this.#deps.clock.monotonic();
		const secondsLeft = () => record.validBefore - (this.#life.now() ?? Number.POSITIVE_INFINITY);
		return {
			headerName: paymentHeaderName(x402Version),
			headerValue: paymentHeaderValue(echo, this.#authorization(record, requirements), signature),
			flow: requirements.flow,
			secondsLeft,
			waits: () => this.#waits(secondsLeft(), this.#deps.clock.monotonic() - since),
			isRepeated,
			isPrepaid: this.#isPrepaid,
		};
	}

	/** The waits of the next exchange, `passed` milliseconds after the payment was made. */
	#waits(secondsLeft: number, passed: number): PaidWaits {
		const exchangeTimeout = (this.#order.paidWait ?? PAID_WAIT) * 1_000 - passed;
		const answer = Math.min(Math.max(secondsLeft + SETTLING, SHORTEST_WAIT) * 1_000, exchangeTimeout);
		return { headerTimeout: answer, idleTimeout: answer, exchangeTimeout };
	}

	#intent(terms: PaymentRequired, requirements: PaymentRequirements): Intent {
		const { request } = this.#order;
		// Checked before they are copied into a record that cannot hold them.
		if (terms.echoBytes + requirements.json.length > ECHO_BYTES) {
			throw new LedgerError(
				"RecordTooLarge",
				`expected terms with at most ${ECHO_BYTES} bytes to echo, got ${terms.echoBytes + requirements.json.length}`,
			);
		}
		const { x402Version, resource, extensions } = terms;
		// The seller's JSON is no longer needed, and the device needs the memory for what follows.
		terms.release();
		return { request, payer: this.#deps.address, x402Version, accepted: requirements.json, resource, extensions };
	}
}

/**
 * Returns the validity in seconds: as long as the seller asks for, but at most what the rule allows, since a signature is
 * spendable that long.
 */
function validity(requirements: PaymentRequirements, rule: Rule): number {
	return schemeOf(requirements).lifetime(requirements, rule.maxValiditySeconds);
}

/** Terms release their memory once they are in a record: nothing is signed by them a second time. */
function termsGone(): TermsError {
	return new TermsError("TermsMissing", "these terms have already been used: ask the seller again");
}
