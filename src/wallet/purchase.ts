/**
 * One purchase of one plan in one period, from the seller's terms to its end. This is the only code that asks the signer
 * for a payment's signature, and it does so only here, behind the policy and the durable record:
 *
 * rule and caps → record "intended" → signature → record "authorized" → the payment leaves
 */
import { isSame } from "../../modules/encoding/bytes.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Signer } from "../../modules/signer/signer.js";
import { type Clock, seconds } from "../device/clock.js";
import type { Outcome, Payer, Payment } from "../x402/client.js";
import { type Echo, paymentHeaderName, paymentHeaderValue } from "../x402/payment_payload.js";
import { type PaymentRequired, readRequirementsText } from "../x402/payment_required.js";
import type { PaymentRequirements } from "../x402/payment_requirements.js";
import { schemeOf } from "../x402/schemes/list.js";
import type { Authorization } from "../x402/schemes/scheme.js";
import { PolicyError } from "./errors.js";
import type { Ledger } from "./ledger.js";
import { checkCaps, ruleFor, type Seller, type Spending } from "./policy.js";
import { type Intent, isFinal, type PurchaseRecord } from "./record.js";
import type { RememberedTerms } from "./remembered_terms.js";
import type { Rule } from "./rule.js";

/** What is to be bought, as far as money is concerned. */
export interface PurchaseOrder {
	readonly plan: string;
	readonly period: number;
	readonly seller: Seller;
	/** The plan's own cap, base units. */
	readonly cap: Uint8Array;
	/** SHA-256 of the request: see `Intent`. */
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
}

/** Seconds: a signature that is to be made and used in less is not worth making. */
const SHORTEST_VALIDITY = 10;

/** PaymentRequirements that the policy allows, and the rule that does. */
interface Choice {
	readonly requirements: PaymentRequirements;
	readonly rule: Rule;
}

export class Purchase implements Payer {
	readonly #deps: WalletDeps;
	readonly #order: PurchaseOrder;
	#record: PurchaseRecord | undefined;
	#asked: PaymentRequirements | undefined;
	#isPrepaid = false;

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

	/** The PaymentRequirements that were chosen, or else the seller's first. */
	get asked(): PaymentRequirements | undefined {
		return this.#asked;
	}

	prepay(): Payment | undefined {
		if (this.#record?.intent !== undefined) return this.#resume(this.#record, this.#record.intent);
		const terms = this.#deps.rememberedTerms.recall(this.#order.plan, this.#order.request);
		if (terms === undefined) return undefined;
		try {
			const choice = this.#choose(terms);
			if (!choice.rule.prepay) return undefined;
			this.#isPrepaid = true;
			return this.#begin(terms, choice);
		} catch (error) {
			// What the policy does not allow by the old terms it may allow by the seller's present ones.
			if (error instanceof PolicyError) return undefined;
			throw error;
		}
	}

	/**
	 * Throws `TermsError`, `PolicyError`, `LedgerError`, `SignerError`; then nothing has left.
	 */
	pay(terms: PaymentRequired): Payment {
		const choice = this.#choose(terms);
		return this.#record === undefined ? this.#begin(terms, choice) : this.#replace(this.#record, terms, choice);
	}

	/** Takes down how it ended. What was free is taken down too, so that a restart does not fetch it again. */
	end(outcome: Outcome): void {
		const { ledger, rememberedTerms } = this.#deps;
		if (this.#record === undefined) {
			if (outcome.state === "delivered") this.#record = ledger.begin(this.#freeRecord(), this.#now() ?? 0);
			return;
		}
		const { intent, rule } = this.#record;
		this.#record = ledger.change({
			...this.#record,
			state: outcome.state,
			outcome: outcome.outcome,
			transaction: outcome.transaction,
			intent: undefined,
		});
		const prepay = this.#deps.rules.find(({ name }) => name === rule)?.prepay ?? false;
		try {
			if (prepay && outcome.state === "delivered" && intent !== undefined)
				rememberedTerms.keep(this.#order.plan, intent);
			else rememberedTerms.forget(this.#order.plan);
		} catch {
			// The purchase is in the ledger, which is what matters: flash that does not take a guess costs a round trip.
		}
	}

	/**
	 * Closes what was stopped before a payment left, or before this run could send it again. Nothing has left of what was
	 * only intended, so its budget comes back; of what was authorized nobody knows.
	 */
	abandon(reason: string): void {
		if (this.#record === undefined || isFinal(this.#record.state)) return;
		const state = this.#record.state === "intended" ? "expired" : "unknown";
		this.#record = this.#deps.ledger.change({ ...this.#record, state, outcome: reason, intent: undefined });
	}

	/** The first of `accepts` that the policy allows, one that is settled after serving before any other. */
	#choose(terms: PaymentRequired): Choice {
		const { rules } = this.#deps;
		const allowed: Choice[] = [];
		let refusal: Error | undefined;
		this.#asked = terms.accepts[0];
		for (const requirements of terms.accepts) {
			try {
				const rule = ruleFor(rules, this.#order.seller, requirements);
				checkCaps(rule, this.#spending(rule), requirements.amount, this.#order.cap);
				allowed.push({ requirements, rule });
			} catch (error) {
				if (!(error instanceof PolicyError)) throw error;
				refusal ??= error;
			}
		}
		const choice = allowed.find(({ requirements }) => requirements.flow === "authorization") ?? allowed[0];
		if (choice === undefined) throw refusal ?? terms.unusable[0];
		this.#asked = choice.requirements;
		return choice;
	}

	#begin(terms: PaymentRequired, { requirements, rule }: Choice): Payment {
		const now = this.#wall();
		const nonce = new Uint8Array(schemeOf(requirements).nonceLength);
		this.#deps.random(nonce);
		const record = this.#deps.ledger.begin(
			{
				plan: this.#order.plan,
				period: this.#order.period,
				state: "intended",
				rule: rule.name,
				network: requirements.network,
				asset: requirements.asset,
				amount: requirements.amount,
				time: now,
				validBefore: now + validity(requirements, rule),
				nonce,
				intent: this.#intent(terms, requirements),
				progress: new Uint8Array(0),
				outcome: "",
				transaction: "",
			},
			now,
		);
		this.#record = record;
		return this.#authorize(record, requirements, terms);
	}

	/**
	 * Other terms in place of the remembered ones that a payment ahead was made by. It has the nonce of the first, so the
	 * network settles only one of the two, where the scheme says so (`isReplaceable`). The record
	 * stays "authorized", because the first signature has left, and counts the greater amount. It has one `validBefore`,
	 * which must do for both: the second signature's own, no earlier than the first's.
	 */
	#replace(record: PurchaseRecord, terms: PaymentRequired, { requirements, rule }: Choice): Payment {
		const validBefore = this.#wall() + validity(requirements, rule);
		this.#checkReplaceable(record, requirements, validBefore);
		this.#isPrepaid = false;
		this.#record = this.#deps.ledger.change({
			...record,
			rule: rule.name,
			amount: uint256.compare(requirements.amount, record.amount) > 0 ? requirements.amount : record.amount,
			validBefore,
			intent: this.#intent(terms, requirements),
		});
		return this.#payment(this.#record, requirements, terms, this.#sign(this.#record, requirements), false);
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
		throw new PolicyError("TermsChanged", `expected ${expected} after a payment ahead: ask again in the next period`);
	}

	/** Goes on with a purchase that a restart interrupted, or closes it when that cannot be. */
	#resume(record: PurchaseRecord, intent: Intent): Payment | undefined {
		const requirements = readRequirementsText(intent.accepted, intent.x402Version);
		this.#asked = requirements;
		const hasLeft = record.state === "authorized";
		if (!hasLeft && this.#wall() >= record.validBefore - SHORTEST_VALIDITY) {
			this.abandon("expired");
			this.#record = undefined;
			return undefined;
		}
		this.#checkResumable(record, intent, requirements);
		if (!hasLeft) return this.#authorize(record, requirements, intent);
		return this.#payment(record, requirements, intent, this.#sign(record, requirements), true);
	}

	/** The owner may have changed rules, plans or the key since. Throws `PolicyError`. */
	#checkResumable(record: PurchaseRecord, intent: Intent, requirements: PaymentRequirements): void {
		if (!isSame(intent.request, this.#order.request)) {
			throw new PolicyError("TermsChanged", `plan "${record.plan}" asks for something else than before the restart`);
		}
		if (intent.payer !== this.#deps.address) {
			throw new PolicyError("TermsChanged", `expected the key of ${intent.payer}, which this purchase was begun with`);
		}
		const rule = ruleFor(this.#deps.rules, this.#order.seller, requirements);
		if (rule.name !== record.rule) {
			throw new PolicyError("NoRule", `rule "${record.rule}" allowed this purchase and does not any more`);
		}
		checkCaps(rule, this.#spending(rule), record.amount, this.#order.cap);
	}

	/** What the rule has let go, this purchase left out. */
	#spending(rule: Rule): Spending {
		return this.#deps.ledger.spending(rule, this.#wall(), this.#record?.sequence);
	}

	#authorize(record: PurchaseRecord, requirements: PaymentRequirements, terms: Omit<Echo, "accepted">): Payment {
		const signature = this.#sign(record, requirements);
		this.#record = this.#deps.ledger.change({ ...record, state: "authorized" });
		return this.#payment(this.#record, requirements, terms, signature, false);
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
		return {
			headerName: paymentHeaderName(x402Version),
			headerValue: paymentHeaderValue(echo, this.#authorization(record, requirements), signature),
			flow: requirements.flow,
			secondsLeft: () => record.validBefore - (this.#now() ?? Number.POSITIVE_INFINITY),
			isRepeated,
			isPrepaid: this.#isPrepaid,
		};
	}

	#intent({ x402Version, resource, extensions }: PaymentRequired, requirements: PaymentRequirements): Intent {
		const { request } = this.#order;
		return { request, payer: this.#deps.address, x402Version, accepted: requirements.json, resource, extensions };
	}

	#freeRecord(): Omit<PurchaseRecord, "sequence"> {
		const { plan, period } = this.#order;
		const nothing = { rule: "", network: "", asset: "", amount: new Uint8Array(32), nonce: new Uint8Array(0) };
		const time = this.#now() ?? 0;
		return {
			...nothing,
			plan,
			period,
			state: "delivered",
			time,
			validBefore: time,
			intent: undefined,
			progress: new Uint8Array(0),
			outcome: "free",
			transaction: "",
		};
	}

	/** Seconds since the epoch. */
	#now(): number | undefined {
		return seconds(this.#deps.clock);
	}

	/** No wall time, no signature: throws `WallTimeUnset`. */
	#wall(): number {
		const now = this.#now();
		if (now === undefined) {
			throw new PolicyError("WallTimeUnset", "expected wall time to be set before anything is signed: wait for SNTP");
		}
		return now;
	}
}

/** As long as the seller asks for, but never longer than the rule allows: a signature is spendable that long. */
function validity(requirements: PaymentRequirements, rule: Rule): number {
	return schemeOf(requirements).lifetime(requirements, rule.maxValiditySeconds);
}
