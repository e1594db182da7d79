import type { Signer } from "../../modules/signer/signer.js";
import { schemeOfCurve } from "../x402/schemes/list.js";
import type { DeviceState } from "./device_state.js";

/** Returns the wallet's address; "" if there is no key to pay with, or none that can be read. */
export function addressIn(device: DeviceState, keys: Signer): string {
	if (device.wallet !== undefined) return device.wallet.address;
	const slot = device.configuration?.slot ?? 0;
	try {
		return schemeOfCurve(keys.curve(slot))?.addressOf(keys, keys.publicKey(slot)) ?? "";
	} catch {
		return "";
	}
}
