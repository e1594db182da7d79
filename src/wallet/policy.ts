/**
 * The policy: which rule allows a payment, and whether its caps do. Pure functions of the rules, the ledger's sums and
 * the seller's terms.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import { ambiguityOf } from "../http/path.js";
import { schemeOfNetwork } from "../x402/schemes/list.js";
import { PolicyError } from "./errors.js";
import type { PaymentMethod, Rule } from "./rule.js";

/** What a rule has let go so far, in base units. */
export interface Spending {
	/** Of the rolling window that ends now; spent and reserved. */
	readonly window: Uint8Array;
	/** Signatures in that window. */
	readonly windowCount: number;
	/** Since the rule exists; spent and reserved. */
	readonly life: Uint8Array;
}

/** From where something is bought. */
export interface Seller {
	readonly origin: string;
	/** Without the query. */
	readonly path: string;
}

/** What the seller wants to be paid with, as far as the rules look at it. */
export interface PaymentAsked {
	/** CAIP-2, or `account:` and the market. */
	readonly network: string;
	readonly asset: string;
	/** `undefined` for a charge of which it was not recorded: before format 2. */
	readonly payTo: string | undefined;
	readonly method: PaymentMethod;
	/** The token's name and version in what is signed; "" where neither is. */
	readonly name: string;
	readonly version: string;
}

/**
 * The first rule that names this seller, chain, asset, receiver, resource and method. Throws `PolicyError` for the rule
 * that came closest: `NoRule`, `ResourceNotAllowed`, `PathAmbiguous`, `MethodNotAllowed`, `DomainMismatch`, `PayToNotPinned`.
 */
export function ruleFor(rules: readonly Rule[], seller: Seller, entry: PaymentAsked): Rule {
	let closest: PolicyError | undefined;
	for (const rule of rules) {
		const { asset } = rule;
		if (rule.origin !== seller.origin || asset.network !== entry.network || asset.address !== entry.asset) continue;
		const refusal = mismatch(rule, seller, entry);
		if (refusal === undefined) return rule;
		closest ??= refusal;
	}
	throw (
		closest ??
		new PolicyError(
			"NoRule",
			`no rule allows ${seller.origin} to be paid with ${entry.asset} on ${entry.network}; add one to allow it`,
		)
	);
}

/**
 * The rule that has allowed a purchase, if it still does, whichever rules now stand before it. Throws `PolicyError` `NoRule`
 * and as `ruleFor` does.
 */
export function ruleNamed(rules: readonly Rule[], name: string, seller: Seller, asked: PaymentAsked): Rule {
	const rule = rules.find((each) => each.name === name);
	const { network, address } = rule?.asset ?? {};
	if (rule?.origin !== seller.origin || network !== asked.network || address !== asked.asset) {
		throw new PolicyError("NoRule", `rule "${name}" allowed this purchase and does not any more`);
	}
	const refusal = mismatch(rule, seller, asked);
	if (refusal !== undefined) throw refusal;
	return rule;
}

function mismatch(rule: Rule, seller: Seller, entry: PaymentAsked): PolicyError | undefined {
	const { asset, resource } = rule;
	const isAllowed = resource.endsWith("/") ? seller.path.startsWith(resource) : seller.path === resource;
	if (!isAllowed) {
		return new PolicyError("ResourceNotAllowed", `rule "${rule.name}" allows ${resource}, got ${seller.path}`);
	}
	// Below a folder of the owner's: a path that the rule has whole, or any path, cannot lead elsewhere.
	const isBelowFolder = resource.endsWith("/") && resource !== "/";
	const ambiguity = isBelowFolder ? ambiguityOf(seller.path.slice(resource.length - 1)) : undefined;
	if (ambiguity !== undefined) {
		return new PolicyError(
			"PathAmbiguous",
			`rule "${rule.name}" allows ${resource}, and ${seller.path} has ${ambiguity}, which servers read in different ways: write the path without it`,
		);
	}
	if (!rule.methods.includes(entry.method)) {
		return new PolicyError(
			"MethodNotAllowed",
			`rule "${rule.name}" allows ${rule.methods.join(", ")}, got ${entry.method}`,
		);
	}
	const otherAsset = schemeOfNetwork(entry.network)?.assetMismatch(asset, entry);
	if (otherAsset !== undefined) return new PolicyError("DomainMismatch", `rule "${rule.name}" ${otherAsset}`);
	if (rule.payTo.length > 0 && entry.payTo !== undefined && !rule.payTo.includes(entry.payTo)) {
		return new PolicyError(
			"PayToNotPinned",
			`rule "${rule.name}" pays only ${rule.payTo.join(", ")}, got ${entry.payTo}`,
		);
	}
	return undefined;
}

/**
 * Checks that the caps allow one more payment of `amount`, which counts as `count` of them.
 * Throws `PolicyError` `OverPlanCap`, `OverPaymentCap`, `OverWindowCount`, `OverWindowCap`, `OverLifeCap`.
 */
export function checkCaps(rule: Rule, spending: Spending, amount: Uint8Array, planCap: Uint8Array, count = 1): void {
	atMost("OverPlanCap", "the plan allows", planCap, amount);
	atMost("OverPaymentCap", `rule "${rule.name}" allows a payment of`, uint256.fromDecimal(rule.maxPerPayment), amount);
	if (spending.windowCount + count > rule.maxCountPerWindow) {
		throw new PolicyError(
			"OverWindowCount",
			`rule "${rule.name}" allows ${rule.maxCountPerWindow} payments in ${rule.windowSeconds} s, all are made`,
		);
	}
	const window = `rule "${rule.name}" allows in ${rule.windowSeconds} s`;
	atMost("OverWindowCap", window, uint256.fromDecimal(rule.maxPerWindow), amount, spending.window);
	atMost(
		"OverLifeCap",
		`rule "${rule.name}" allows for life`,
		uint256.fromDecimal(rule.maxForLife),
		amount,
		spending.life,
	);
}

/** Compares with what is left of the cap: a sum could be more than 256 bits hold. */
function atMost(
	name: "OverPlanCap" | "OverPaymentCap" | "OverWindowCap" | "OverLifeCap",
	who: string,
	cap: Uint8Array,
	amount: Uint8Array,
	before: Uint8Array = new Uint8Array(32),
): void {
	const isSpent = uint256.compare(before, cap) > 0;
	if (!isSpent && uint256.compare(amount, uint256.subtract(cap, before)) <= 0) return;
	const spent = uint256.isZero(before) ? "" : ` of which ${uint256.toDecimal(before)} are spent or reserved,`;
	const message = `${who} ${uint256.toDecimal(cap)} base units,${spent} this payment asks for ${uint256.toDecimal(amount)}`;
	throw new PolicyError(name, message);
}
