/** The schemes that this firmware pays by. A new one is one folder beside this file and one line here. */
import type { Curve } from "../../../modules/signer/signer.js";
import type { PaymentRequirements } from "../payment_requirements.js";
import { exactEvm } from "./exact_evm/exact_evm.js";
import type { PaymentScheme } from "./scheme.js";

export const SCHEMES: readonly PaymentScheme[] = Object.freeze([exactEvm]);

/** The scheme that read `requirements`. */
export function schemeOf({ scheme, network }: Pick<PaymentRequirements, "scheme" | "network">): PaymentScheme {
	return SCHEMES.find(({ name, isNetwork }) => name === scheme && isNetwork(network))!;
}

/** A scheme that a key of `curve` can pay by; `undefined` when there is none. */
export function schemeOfCurve(curve: Curve | undefined): PaymentScheme | undefined {
	return SCHEMES.find((scheme) => scheme.curve === curve);
}

/** A scheme of `network` (CAIP-2): each of them reads its addresses. `undefined` for a network that none pays on. */
export function schemeOfNetwork(network: string): PaymentScheme | undefined {
	return SCHEMES.find(({ isNetwork }) => isNetwork(network));
}
