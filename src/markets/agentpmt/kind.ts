import * as canonicalJson from "../../../modules/encoding/json/canonical.js";
import type { Field } from "../../configuration/field.js";
import { schemeOfNetwork } from "../../x402/schemes/list.js";
import { originIn } from "../kit/origin.js";
import type { MarketDeps, MarketKind } from "../market.js";
import { AgentPmt, type AgentPmtOptions } from "./agentpmt.js";
import type { JsonObject } from "./parameters.js";

export const kind: MarketKind = Object.freeze({
	name: "agentpmt",
	title: "AgentPMT",
	open(field, deps) {
		const options = optionsIn(field, deps);
		return { market: new AgentPmt(deps, options), origin: options.host };
	},
} satisfies MarketKind);

/**
 * Reads AgentPMT's part of the configuration. The key of `slot` is the account. `credentials`, by tool, let a tool act for
 * the owner elsewhere; `account` is the bearer token of schedules; `payer` is an address that pays for credits in the
 * wallet's place. Throws `ConfigurationError`.
 */
export function optionsIn(field: Field, { keys }: MarketDeps): AgentPmtOptions & { readonly host: string } {
	const { slot, host, dialect, chainId, token, payer, account, credentials } = field.members(
		...(["slot", "host", "dialect", "chainId", "token", "payer", "account", "credentials"] as const),
	);
	return {
		slot: slot.isMissing ? 0 : slot.integer(0, 255),
		host: originIn(host, "https://www.agentpmt.com"),
		...(!dialect.isMissing && { dialect: dialect.oneOf(["newer", "older"]) }),
		...(!chainId.isMissing && { chainId: chainId.integer(1, 2 ** 32) }),
		...(!token.isMissing && { token: token.oneOf(["USDC", "EURC"]) }),
		...(!payer.isMissing && { payer: payer.address(schemeOfNetwork("eip155:8453")!, keys) }),
		...(!account.isMissing && { account: account.secret(1_024) }),
		...(!credentials.isMissing && { credentials: readCredentials(credentials) }),
	};
}

/** Reads credentials. They are hashed with a call, so they must have a canonical form. */
function readCredentials(field: Field): Readonly<Record<string, JsonObject>> {
	const tools: Record<string, JsonObject> = {};
	for (const [tool, each] of field.entries()) {
		each.entries();
		const text = each.json(2_048);
		try {
			tools[tool] = JSON.parse(text) as JsonObject;
			canonicalJson.encode(tools[tool]);
		} catch {
			throw each.wrong("credentials of texts and numbers below 2^53, 8 levels deep at most");
		}
	}
	return tools;
}
