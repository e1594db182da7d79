/**
 * The policy: which rule allows a payment, and whether its caps do. Pure functions of the rules, the ledger's sums and the
 * seller's terms.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import { ambiguityOf } from "../http/path.js";
import { schemeOfNetwork } from "../x402/schemes/list.js";
import { PolicyError } from "./errors.js";
import type { PaymentMethod, Rule } from "./rule.js";

/** The spending of a rule, in base units. */
export interface Spending {
	/** Spent and reserved in the rolling window that ends now. */
	readonly window: Uint8Array;
	/** Signatures in that window. */
	readonly windowCount: number;
	/** Spent and reserved since the rule exists. */
	readonly life: Uint8Array;
}

/** The seller and the resource. */
export interface Seller {
	readonly origin: string;
	/** Without the query. */
	readonly path: string;
}

/** The parts of a requested payment that the rules compare. */
export interface PaymentAsked {
	/** CAIP-2, or `account:` and the market. */
	readonly network: string;
	readonly asset: string;
	/** `undefined` for a charge recorded before format 2, which did not record it. */
	readonly payTo: string | undefined;
	readonly method: PaymentMethod;
	/** The token's name and version in the signed data (EIP-712); "" if it has neither. */
	readonly name: string;
	readonly version: string;
}

/**
 * Finds the first rule that allows this seller, chain, asset, payee, resource and method. If none does, throws the
 * `PolicyError` of the rule that came closest: `NoRule`, `ResourceNotAllowed`, `PathAmbiguous`, `MethodNotAllowed`,
 * `DomainMismatch`, `PayToNotPinned`.
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
	if (closest !== undefined) throw closest;
	// Do not advise spending on a chain that the owner does not use.
	const isKnown = rules.some(({ asset }) => asset.network === entry.network);
	const advice = isKnown ? "add one to allow it" : "no rule of yours is for that chain";
	throw new PolicyError(
		"NoRule",
		`no rule allows paying ${seller.origin} with ${entry.asset} on ${entry.network}: ${advice}`,
	);
}

/**
 * Finds the rule that allowed a purchase, if it still does, whichever rules now precede it. Throws `PolicyError` `NoRule`,
 * and what `ruleFor` throws.
 */
export function ruleNamed(rules: readonly Rule[], name: string, seller: Seller, asked: PaymentAsked): Rule {
	const rule = rules.find((each) => each.name === name);
	const { network, address } = rule?.asset ?? {};
	if (rule?.origin !== seller.origin || network !== asked.network || address !== asked.asset) {
		throw new PolicyError("NoRule", `rule "${name}" allowed this purchase and no longer does: it is not resumed`);
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
	// Only below a folder that the owner names: with an exact path, or with "/", an ambiguous path leads nowhere else.
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
 * Checks that the caps allow one more payment of `amount`, which counts as `count` payments. Throws `PolicyError`
 * `OverPlanCap`, `OverPaymentCap`, `OverWindowCount`, `OverWindowCap`, `OverLifeCap`.
 */
export function checkCaps(rule: Rule, spending: Spending, amount: Uint8Array, planCap: Uint8Array, count = 1): void {
	atMost("OverPlanCap", "the plan allows", planCap, amount);
	atMost("OverPaymentCap", `rule "${rule.name}" allows a payment of`, uint256.fromDecimal(rule.maxPerPayment), amount);
	if (spending.windowCount + count > rule.maxCountPerWindow) {
		const error = new PolicyError(
			"OverWindowCount",
			`rule "${rule.name}" allows ${rule.maxCountPerWindow} payments in ${rule.windowSeconds} s and all are used: wait, or raise maxCountPerWindow`,
		);
		error.isPassing = true;
		throw error;
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

/** Compares with the remainder of the cap: a sum could exceed 256 bits. */
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
	const error = new PolicyError(name, message);
	// The window rolls, so an amount that it can hold at all will fit later.
	error.isPassing = name === "OverWindowCap" && uint256.compare(amount, cap) <= 0;
	throw error;
}
