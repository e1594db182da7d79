/**
 * The progress of an open call in the ledger: a CBOR array of
 *
 * | index | what |
 * |---|---|
 * | 0 | place: 0 a request may have left, 1 a 2xx answer has arrived, 2 only refunds are pending |
 * | 1 | the premium that the market reported, base units, big-endian |
 * | 2 | true if the premium is unknown |
 * | 3 | ids of the calls to be refunded |
 * | 4, 5 | at place 2: the final state and outcome |
 */
import * as cbor from "../../../modules/encoding/cbor.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import type { Outcome } from "../../x402/client.js";

export interface CallProgress {
	readonly place: 0 | 1 | 2;
	readonly premium: Uint8Array;
	readonly isUnpriced: boolean;
	readonly refunds: readonly string[];
	readonly state: Outcome["state"];
	readonly outcome: string;
}

export function encodeProgress({ place, premium, isUnpriced, refunds, state, outcome }: CallProgress): Uint8Array {
	return cbor.encode([place, uint256.toMinimal(premium), isUnpriced, refunds, state, outcome]);
}

/** The progress that `interrupted` of the kit has read; `undefined` if another program wrote it. */
export function progressOf(saved: readonly cbor.CborValue[]): CallProgress | undefined {
	const [place, premium, isUnpriced, refunds, state, outcome] = saved;
	const isPlace = place === 0 || place === 1 || place === 2;
	const isAmount = premium instanceof Uint8Array && premium.length <= 32 && premium[0] !== 0;
	if (!isPlace || !isAmount || !Array.isArray(refunds)) return undefined;
	return {
		place,
		premium: uint256.fromMinimal(premium),
		isUnpriced: isUnpriced !== false,
		refunds: refunds as readonly string[],
		state: state as Outcome["state"],
		outcome: String(outcome),
	};
}
