import type { Dialect } from "./refusals.js";
import type { SignatureVersion } from "./signature.js";

/** Where the users' guide and the gateway's program differ. A test assigns to it; the first value is the usual one. */
export interface PactVariant {
	errors: Dialect;
	/** Also decides what a slow success is: a success in the guide, a breach that is refunded in the gateway. */
	headers: Dialect;
	/** What an unsigned call is: passed on without call id, premium and refund; or insured, for the beta key. */
	unsigned: "uninsured" | "insured";
	/** The texts that a signature may be over, in the order they are tried. */
	signatures: readonly SignatureVersion[];
}
