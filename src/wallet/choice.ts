/** Chooses one of a seller's ways to pay, or says why none can be used. */
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

/** The policy's checks, in order: a refusal by a later one came closer. */
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

/** Finds the refusal that came closest to being allowed. */
export class NearestRefusal {
	error: Error | undefined;
	/** The refused element, if it could be read. */
	requirements: PaymentRequirements | undefined;
	readonly #networks: ReadonlySet<string>;
	#distance = -1;

	constructor(rules: readonly Rule[], origin: string) {
		this.#networks = new Set(rules.filter((rule) => rule.origin === origin).map(({ asset }) => asset.network));
	}

	/** Of those that came equally close, the first stays. */
	see(error: Error, requirements?: OfferedRequirements): void {
		const distance = this.#distanceOf(error, requirements);
		if (distance <= this.#distance) return;
		this.#distance = distance;
		this.error = error;
		this.requirements = requirements && withoutEntry(requirements);
	}

	/** Returns how much matched: nothing, the scheme, a chain in the rules for this seller, the token too, and each check. */
	#distanceOf(error: Error, requirements: OfferedRequirements | undefined): number {
		if (error instanceof TermsError) return error.network === "" ? 0 : this.#networks.has(error.network) ? 3 : 1;
		if (error.name !== "NoRule") return 4 + CHECKS.indexOf(error.name);
		return this.#networks.has(requirements?.network ?? "") ? 2 : 1;
	}
}

/**
 * Chooses the first offer for which `allow` returns a rule, and prefers one that settles after serving. If there is none,
 * throws the error that came closest: a `PolicyError` of `allow`, or the reason why the offer cannot be used.
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

/** Copies requirements, so that the seller's whole terms can be released. */
export function withoutEntry({ entry: _, ...requirements }: OfferedRequirements): PaymentRequirements {
	return requirements;
}

/** Fills in the owner's name and version of the token if the seller omits them. */
export function named<Requirements extends PaymentRequirements>(
	requirements: Requirements,
	{ asset }: Rule,
): Requirements {
	const { name, version } = requirements;
	return { ...requirements, name: name || asset.name, version: version || asset.version };
}

/** Terms release their memory once they are in a record: nothing is signed by them a second time. */
function termsGone(): TermsError {
	return new TermsError("TermsMissing", "these terms have been used: ask the seller again");
}
