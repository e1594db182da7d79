/**
 * Divides a seller's terms once they are agreed to: the signed part, the part in the record, and the part stored beside it.
 */
import type { JsonText } from "../../modules/encoding/json/text.js";
import { echoPieces } from "../x402/payment_payload.js";
import { acceptedOf, compactJson, type PaymentRequired } from "../x402/payment_required.js";
import type { OfferedRequirements, PaymentRequirements } from "../x402/payment_requirements.js";
import { withoutEntry } from "./choice.js";
import type { Intent } from "./record.js";

/** Bytes of the terms in one record: flash takes 4,000, of which the other fields need some 500. */
const ECHO_BYTES = 3_500;

export interface Agreement {
	readonly requirements: PaymentRequirements;
	readonly intent: Intent;
	/** The echo of the payment, if it is too long for a record. The terms must not be released before it has been read. */
	readonly longEcho: Iterable<Uint8Array> | undefined;
}

/** Releases the terms, unless their echo still has to be read from them. */
export function agree(
	terms: PaymentRequired,
	offered: OfferedRequirements,
	nonce: Uint8Array,
	by: Pick<Intent, "request" | "payer">,
): Agreement {
	const { entry } = offered;
	const { x402Version, resource, extensions } = terms;
	const isLong = x402Version === 2 && sizeOf(entry) + sizeOf(resource) + sizeOf(extensions) > ECHO_BYTES;
	const intent = {
		...by,
		x402Version,
		accepted: isLong ? compactJson(offered, x402Version) : acceptedOf(offered, x402Version),
		resource: isLong ? "" : (resource?.text ?? ""),
		extensions: isLong ? "" : (extensions?.text ?? ""),
		echoBytes: 0,
	};
	const longEcho = isLong ? echoPieces(entry.bytes, resource?.bytes, extensions, nonce) : undefined;
	// A device has little memory for what follows.
	if (!isLong) terms.release();
	return { requirements: withoutEntry(offered), intent, longEcho };
}

function sizeOf(value: JsonText | undefined): number {
	return value === undefined ? 0 : value.end - value.start;
}
