/**
 * Where a call is, as the ledger keeps it while it is open: CBOR, an array of
 *
 * | index | what |
 * |---|---|
 * | 0 | place: 0 a request may have left, 1 a good answer has come, 2 only refunds are waited for |
 * | 1 | premiums so far, base units, big end first |
 * | 2 | whether there is a call whose premium is not known |
 * | 3 | ids of the calls that are to be refunded |
 * | 4, 5 | at place 2: how it will end, state and outcome |
 */
import * as cbor from "../../../modules/encoding/cbor.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import type { Outcome } from "../../x402/client.js";

export interface Progress {
	readonly place: 0 | 1 | 2;
	readonly spent: Uint8Array;
	readonly isUnpriced: boolean;
	readonly refunds: readonly string[];
	readonly state: Outcome["state"];
	readonly outcome: string;
}

export function encodeProgress({ place, spent, isUnpriced, refunds, state, outcome }: Progress): Uint8Array {
	return cbor.encode([place, uint256.toMinimal(spent), isUnpriced, refunds, state, outcome]);
}

/** What `encodeProgress` wrote; the ledger's seal vouches for it. */
export function decodeProgress(bytes: Uint8Array): Progress {
	const [place, spent, isUnpriced, refunds, state, outcome] = cbor.decode(bytes) as unknown as readonly [
		Progress["place"],
		Uint8Array,
		boolean,
		readonly string[],
		Outcome["state"],
		string,
	];
	return { place, spent: uint256.fromMinimal(spent), isUnpriced, refunds, state, outcome };
}
