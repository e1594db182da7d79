import type { Field } from "../../configuration/field.js";
import { originIn } from "../kit/origin.js";
import type { MarketKind } from "../market.js";
import type { ShippingAddress } from "./options.js";
import { Pactum } from "./pactum.js";

/**
 * Pactum. `apiKey` identifies the account. Rules name the gateway as the seller. `paymentMethod` is the default of plans;
 * `address` is the shipping address of physical items; `rpc` is a node of the escrows' chain, for a deposit whose answer was
 * lost.
 */
export const kind: MarketKind = Object.freeze({
	name: "pactum",
	title: "Pactum",
	open(field, deps) {
		const { apiKey, gateway, walletService, network, rpc, paymentMethod, address } = field.members(
			...(["apiKey", "gateway", "walletService", "network", "rpc", "paymentMethod", "address"] as const),
		);
		const origin = originIn(gateway, "https://api.pactum.cc");
		const market = new Pactum(deps, {
			...(!apiKey.isMissing && { apiKey: apiKey.secret(256) }),
			gateway: origin,
			walletService: originIn(walletService, "https://www.pactum.cc"),
			...(!network.isMissing && { network: network.text(40) }),
			...(!rpc.isMissing && { rpc: rpc.secret(256) }),
			...(!paymentMethod.isMissing && { paymentMethod: paymentMethod.oneOf(["credit", "escrow"]) }),
			...(!address.isMissing && { address: readAddress(address) }),
		});
		return { market, origin };
	},
} satisfies MarketKind);

function readAddress(field: Field): ShippingAddress {
	const { name, street, city, state, postalCode, country } = field.members(
		...(["name", "street", "city", "state", "postalCode", "country"] as const),
	);
	return {
		name: name.text(64),
		street: street.text(128),
		city: city.text(64),
		state: state.isMissing ? "" : state.text(64),
		postal_code: postalCode.text(16),
		country: country.text(2),
	};
}
