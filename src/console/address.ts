import { addressOfPublicKey } from "../../modules/signer/address.js";
import type { Signer } from "../../modules/signer/signer.js";
import type { DeviceState } from "./device_state.js";

/** The wallet's address (EIP-55); "" as long as there is no key to pay with, or none that can be read. */
export function addressIn(live: DeviceState, keys: Signer): string {
	if (live.wallet !== undefined) return live.wallet.address;
	const slot = live.configuration?.slot ?? 0;
	try {
		return keys.curve(slot) === "secp256k1" ? addressOfPublicKey(keys, keys.publicKey(slot)) : "";
	} catch {
		return "";
	}
}
