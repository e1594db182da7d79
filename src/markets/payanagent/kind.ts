import type { Field } from "../../configuration/field.js";
import { originIn } from "../kit/origin.js";
import type { MarketKind } from "../market.js";
import type { PayanAgentOptions } from "./api.js";
import { PayanAgent } from "./payanagent.js";

export const kind: MarketKind = Object.freeze({
	name: "payanagent",
	title: "PayanAgent",
	open(field, deps) {
		const options = optionsIn(field);
		return { market: new PayanAgent(deps, options), origin: options.host };
	},
} satisfies MarketKind);

/**
 * Reads PayanAgent's part of the configuration: `apiKey` and `agentId` are for the requests and offers of a registered agent.
 * Throws `ConfigurationError`.
 */
export function optionsIn(field: Field): PayanAgentOptions & { readonly host: string } {
	const { host, apiKey, agentId } = field.members("host", "apiKey", "agentId");
	return {
		host: originIn(host, "https://payanagent.com"),
		...(!apiKey.isMissing && { apiKey: apiKey.secret(256) }),
		...(!agentId.isMissing && { agentId: agentId.text(64) }),
	};
}
