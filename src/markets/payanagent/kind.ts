import { originIn } from "../kit/origin.js";
import type { MarketKind } from "../market.js";
import { PayanAgent } from "./payanagent.js";

/** PayanAgent: offers are paid by x402; `apiKey` is for the requests and offers of an agent that is registered. */
export const kind: MarketKind = Object.freeze({
	name: "payanagent",
	title: "PayanAgent",
	open(field, means) {
		const { host, apiKey, agentId } = field.members("host", "apiKey", "agentId");
		const origin = originIn(host, "https://payanagent.com");
		const market = new PayanAgent(means, {
			host: origin,
			...(!apiKey.isMissing && { apiKey: apiKey.secret(256) }),
			...(!agentId.isMissing && { agentId: agentId.text(64) }),
		});
		return { market, origin };
	},
} satisfies MarketKind);
