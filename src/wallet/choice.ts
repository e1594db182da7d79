/** Chooses one of a seller's ways to pay, or says why none will do. */
import { TermsError } from "../x402/errors.js";
import type { PaymentRequired } from "../x402/payment_required.js";
import type { OfferedRequirements, PaymentRequirements } from "../x402/payment_requirements.js";
import { PolicyError } from "./errors.js";
import type { Rule } from "./rule.js";

/** PaymentRequirements that the policy allows, and the rule that does. */
export interface Choice {
	readonly requirements: OfferedRequirements;
	readonly rule: Rule;
}

/** The checks of the policy, in their order: a refusal by a later one came further. */
const CHECKS: readonly string[] = Object.freeze([
	"ResourceNotAllowed",
	"PathAmbiguous",
	"MethodNotAllowed",
	"DomainMismatch",
	"PayToNotPinned",
	"OverPlanCap",
	"OverPaymentCap",
	"OverWindowCount",
	"OverWindowCap",
	"OverLifeCap",
]);

/** Of a number of refusals the nearest one: that of the way to pay which came furthest. */
export class NearestRefusal {
	error: Error | undefined;
	/** What was refused, if it could be read. */
	requirements: PaymentRequirements | undefined;
	readonly #networks: ReadonlySet<string>;
	#distance = -1;

	constructor(rules: readonly Rule[], origin: string) {
		this.#networks = new Set(rules.filter((rule) => rule.origin === origin).map(({ asset }) => asset.network));
	}

	/** The first of those that came equally far stays. */
	see(error: Error, requirements?: OfferedRequirements): void {
		const distance = this.#distanceOf(error, requirements);
		if (distance <= this.#distance) return;
		this.#distance = distance;
		this.error = error;
		this.requirements = requirements && withoutEntry(requirements);
	}

	/** By how much is right: nothing, the scheme, a chain that rules for this seller name, the token too, and each check. */
	#distanceOf(error: Error, requirements: OfferedRequirements | undefined): number {
		if (error instanceof TermsError) return error.network === "" ? 0 : this.#networks.has(error.network) ? 3 : 1;
		if (error.name !== "NoRule") return 4 + CHECKS.indexOf(error.name);
		return this.#networks.has(requirements?.network ?? "") ? 2 : 1;
	}
}

/**
 * The first offer that `allow` returns a rule for, one that is settled after serving before any other. Throws what is nearest to
 * being allowed: a `PolicyError` of `allow`, or why the offer cannot be used.
 */
export function choose(
	terms: PaymentRequired,
	nearest: NearestRefusal,
	allow: (requirements: OfferedRequirements) => Rule,
): Choice {
	let choice: Choice | undefined;
	for (const offer of terms.offers()) {
		if (offer instanceof Error) {
			nearest.see(offer);
			continue;
		}
		if (choice !== undefined && offer.flow !== "authorization") continue;
		try {
			choice = { requirements: offer, rule: allow(offer) };
		} catch (error) {
			if (!(error instanceof PolicyError)) throw error;
			nearest.see(error, offer);
		}
		if (choice?.requirements.flow === "authorization") return choice;
	}
	if (choice === undefined) throw nearest.error ?? termsGone();
	return choice;
}

/** A copy that does not keep all of the seller's terms in memory. */
export function withoutEntry({ entry: _, ...requirements }: OfferedRequirements): PaymentRequirements {
	return requirements;
}

/** With the owner's name and version of the token where the seller leaves them out. */
export function named<Requirements extends PaymentRequirements>(
	requirements: Requirements,
	{ asset }: Rule,
): Requirements {
	const { name, version } = requirements;
	return { ...requirements, name: name || asset.name, version: version || asset.version };
}

/** Terms give their memory back once they are in a record: nothing is signed by them a second time. */
function termsGone(): TermsError {
	return new TermsError("TermsMissing", "these terms have been used: ask the seller again");
}
