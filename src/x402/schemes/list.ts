/** The payment schemes of this firmware. To add one, add a folder beside this file and a line here. */
import type { Curve } from "../../../modules/signer/signer.js";
import type { PaymentRequirements } from "../payment_requirements.js";
import { exactEvm } from "./exact_evm/exact_evm.js";
import type { PaymentScheme } from "./scheme.js";

export const SCHEMES: readonly PaymentScheme[] = Object.freeze([exactEvm]);

/** Returns the scheme that read `requirements`. */
export function schemeOf({ scheme, network }: Pick<PaymentRequirements, "scheme" | "network">): PaymentScheme {
	return SCHEMES.find(({ name, isNetwork }) => name === scheme && isNetwork(network))!;
}

/** Returns a scheme that a key of `curve` can pay by; `undefined` if there is none. */
export function schemeOfCurve(curve: Curve | undefined): PaymentScheme | undefined {
	return SCHEMES.find((scheme) => scheme.curve === curve);
}

/** Returns a scheme of `network` (CAIP-2), which can parse its addresses; `undefined` for a network that none pays on. */
export function schemeOfNetwork(network: string): PaymentScheme | undefined {
	return SCHEMES.find(({ isNetwork }) => isNetwork(network));
}
