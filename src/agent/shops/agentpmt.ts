import { AgentPmt } from "../../markets/agentpmt/agentpmt.js";
import { originIn } from "./origin.js";
import type { ShopKind } from "./shop.js";

/** AgentPMT: the key of `slot` is the account; there is no other secret. */
export const agentPmtShop: ShopKind = Object.freeze({
	name: "agentpmt",
	open(field, means) {
		const { slot, host, dialect, chainId, token } = field.members("slot", "host", "dialect", "chainId", "token");
		const origin = originIn(host, "https://www.agentpmt.com");
		const market = new AgentPmt(means, {
			slot: slot.isMissing ? 0 : slot.integer(0, 255),
			host: origin,
			...(!dialect.isMissing && { dialect: dialect.oneOf(["newer", "older"]) }),
			...(!chainId.isMissing && { chainId: chainId.integer(1, 2 ** 32) }),
			...(!token.isMissing && { token: token.oneOf(["USDC", "EURC"]) }),
		});
		return { market, origin };
	},
} satisfies ShopKind);
