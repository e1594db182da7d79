import * as canonicalJson from "../../../modules/encoding/json/canonical.js";
import type { Field } from "../../configuration/field.js";
import { schemeOfNetwork } from "../../x402/schemes/list.js";
import { originIn } from "../kit/origin.js";
import type { MarketKind } from "../market.js";
import { AgentPmt } from "./agentpmt.js";
import type { JsonObject } from "./parameters.js";

/**
 * AgentPMT: the key of `slot` is the account. `credentials`, by tool, are what a tool needs to act for the owner elsewhere;
 * `account` is the bearer token of schedules; `payer` an address that pays for credits in the wallet's place.
 */
export const kind: MarketKind = Object.freeze({
	name: "agentpmt",
	title: "AgentPMT",
	open(field, means) {
		const { slot, host, dialect, chainId, token, payer, account, credentials } = field.members(
			...(["slot", "host", "dialect", "chainId", "token", "payer", "account", "credentials"] as const),
		);
		const origin = originIn(host, "https://www.agentpmt.com");
		const market = new AgentPmt(means, {
			slot: slot.isMissing ? 0 : slot.integer(0, 255),
			host: origin,
			...(!dialect.isMissing && { dialect: dialect.oneOf(["newer", "older"]) }),
			...(!chainId.isMissing && { chainId: chainId.integer(1, 2 ** 32) }),
			...(!token.isMissing && { token: token.oneOf(["USDC", "EURC"]) }),
			...(!payer.isMissing && { payer: payer.address(schemeOfNetwork("eip155:8453")!, means.keys) }),
			...(!account.isMissing && { account: account.secret(1_024) }),
			...(!credentials.isMissing && { credentials: readCredentials(credentials) }),
		});
		return { market, origin };
	},
} satisfies MarketKind);

/** They are hashed with a call, so they are what has a canonical text. */
function readCredentials(field: Field): Readonly<Record<string, JsonObject>> {
	const tools: Record<string, JsonObject> = {};
	for (const [tool, each] of field.entries()) {
		each.entries();
		const text = each.json(2_048);
		try {
			tools[tool] = JSON.parse(text) as JsonObject;
			canonicalJson.encode(tools[tool]);
		} catch {
			throw each.wrong("credentials of texts and integers, 8 levels deep at most");
		}
	}
	return tools;
}
