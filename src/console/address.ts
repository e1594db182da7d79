import type { Signer } from "../../modules/signer/signer.js";
import { schemeOfCurve } from "../x402/schemes/list.js";
import type { DeviceState } from "./device_state.js";

/** The wallet's address; "" as long as there is no key to pay with, or none that can be read. */
export function addressIn(live: DeviceState, keys: Signer): string {
	if (live.wallet !== undefined) return live.wallet.address;
	const slot = live.configuration?.slot ?? 0;
	try {
		return schemeOfCurve(keys.curve(slot))?.addressOf(keys, keys.publicKey(slot)) ?? "";
	} catch {
		return "";
	}
}
