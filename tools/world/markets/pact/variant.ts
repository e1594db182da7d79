import type { Dialect } from "./refusals.js";
import type { SignatureVersion } from "./signature.js";

/** Differences between the users' guide and the gateway's program. A test assigns to it; the first value is the usual one. */
export interface PactVariant {
	errors: Dialect;
	/** Also decides what a slow success is: a success in the guide, a breach that is refunded in the gateway. */
	headers: Dialect;
	/** The treatment of an unsigned call: forwarded without call id, premium and refund; or insured, for the beta key. */
	unsigned: "uninsured" | "insured";
	/** The texts that a signature may be over, in the order they are tried. */
	signatures: readonly SignatureVersion[];
}
