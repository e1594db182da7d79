import { Pactum } from "../../markets/pactum/pactum.js";
import { originIn } from "./origin.js";
import type { ShopKind } from "./shop.js";

/** Pactum: the account is that of `apiKey`. Rules name the gateway as the seller. */
export const pactumShop: ShopKind = Object.freeze({
	name: "pactum",
	open(field, means) {
		const { apiKey, gateway, walletService, network } = field.members("apiKey", "gateway", "walletService", "network");
		const origin = originIn(gateway, "https://api.pactum.cc");
		const market = new Pactum(means, {
			...(!apiKey.isMissing && { apiKey: apiKey.secret(256) }),
			gateway: origin,
			walletService: originIn(walletService, "https://www.pactum.cc"),
			...(!network.isMissing && { network: network.text(40) }),
		});
		return { market, origin };
	},
} satisfies ShopKind);
