/** Descriptions of the configuration's parts: as JSON without what may be secret, and in words. */
import type { NamedAsset, Network } from "../configuration/configuration.js";
import type { Plan } from "../configuration/plan.js";
import type { Rule } from "../wallet/rule.js";
import { money } from "./money.js";

export function publicAsset({ id, network, address, name, version, symbol, decimals }: NamedAsset): object {
	return { id, network, address, name, version, symbol, decimals };
}

export function publicRule(rule: Rule): object {
	const { name, origin, asset, methods, payTo, resource, maxPerPayment, maxPerWindow, maxForLife } = rule;
	const { maxCountPerWindow, windowSeconds, maxValiditySeconds, prepay } = rule;
	return {
		name,
		origin,
		asset: { network: asset.network, address: asset.address },
		methods,
		payTo,
		resource,
		maxPerPayment,
		maxPerWindow,
		maxCountPerWindow,
		windowSeconds,
		maxForLife,
		maxValiditySeconds,
		prepay,
	};
}

/** Describes a plan without headers, body, input, and its address's query: each may hold a key. */
export function publicPlan({ name, buys, maxAmount, everySeconds, sink }: Plan): object {
	const what =
		"market" in buys
			? { market: buys.market, offer: withoutQuery(buys.offer) }
			: { method: buys.method, url: withoutQuery(buys.url), headers: buys.headers.map(([header]) => header) };
	return { name, ...what, maxAmount, everySeconds, sink };
}

/**
 * Copies a part as it was set, without what may be a key: an rpc, the query of an address, and the values of headers, body
 * and input.
 */
export function withoutSecrets(part: Readonly<Record<string, unknown>>): object {
	const shown: Record<string, unknown> = { ...part };
	for (const name of ["rpc", "headers", "body", "input"]) if (name in shown) shown[name] = "…";
	for (const name of ["url", "offer"]) {
		const address = shown[name];
		if (typeof address === "string") shown[name] = withoutQuery(address);
	}
	return shown;
}

function withoutQuery(address: string): string {
	const query = address.indexOf("?");
	return query < 0 ? address : `${address.slice(0, query)}?…`;
}

/** Describes what a rule allows, one statement a line. */
export function ruleInWords(rule: Rule): string[] {
	const { name, origin, resource, asset, payTo, methods } = rule;
	const where =
		resource === "/" ? "anything" : resource.endsWith("/") ? `${resource} and everything below it` : resource;
	const window = `${money(rule.maxPerWindow, asset)} and ${rule.maxCountPerWindow} payments in ${rule.windowSeconds} s`;
	return [
		`rule "${name}": pay ${origin} for ${where}, with ${asset.symbol} (${asset.address} on ${asset.network})`,
		payTo.length === 0 ? "to any payee that the seller names" : `to ${payTo.join(" or ")} only`,
		`at most ${money(rule.maxPerPayment, asset)} a payment, ${window}, ${money(rule.maxForLife, asset)} for life`,
		`by ${methods.join(" or ")}; a signature is spendable for at most ${rule.maxValiditySeconds} s`,
		...(rule.prepay ? ["a repeat may pay before the seller asks, by the last purchase's terms"] : []),
	];
}

export function assetInWords({ id, network, address, name, version, symbol, decimals }: NamedAsset): string[] {
	const domain = name === "" ? "" : `, EIP-712 domain "${name}" version "${version}"`;
	return [`asset "${id}": ${symbol} with ${decimals} decimals is ${address} on ${network}${domain}`];
}

export function networkInWords({ id, rpc }: Network): string[] {
	return [`network ${id}${rpc === undefined ? "" : ", with the given rpc for balances"}`];
}
