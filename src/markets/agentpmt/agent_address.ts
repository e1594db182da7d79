/**
 * A wallet for the market. A key that the device makes is known to nobody else, and is the better one. The market offers
 * to make it instead: such a key has been on the market's machines, on the way, and for a moment in this one's memory; it
 * goes straight into the slot and is kept nowhere else, nor is its mnemonic read.
 */
import * as hex from "../../../modules/encoding/hex.js";
import { addressOfPublicKey, isSameAddress } from "../../../modules/signer/address.js";
import { SignerError } from "../../../modules/signer/errors.js";
import { malformed, readFields, textOf } from "./answer.js";
import type { Api } from "./api.js";
import { AgentPmtError } from "./errors.js";

/** Returns the address of the key that is in the slot now, lower case. */
export async function createAgentAddress(api: Api, maker: "device" | "market"): Promise<string> {
	const { keys } = api.means;
	const { slot } = api;
	if (maker === "device") {
		keys.create(slot, "secp256k1");
		return api.wallet;
	}
	// No key is asked for that has nowhere to go.
	if (keys.curve(slot) !== undefined) {
		throw new SignerError("SlotTaken", `expected slot ${slot} to be empty, it has a key: take another, or erase it`);
	}
	const response = await api.ask({ method: "POST", path: "/external/agentaddress" });
	const [address, privateKey] = await readFields(response, "evmAddress", "evmPrivateKey");
	const key = keyOf(textOf(privateKey));
	try {
		keys.importKey(slot, "secp256k1", key);
	} finally {
		key.fill(0);
	}
	const publicKey = keys.publicKey(slot);
	if (isSameAddress(textOf(address), addressOfPublicKey(keys, publicKey))) return api.wallet;
	keys.erase(slot, publicKey);
	throw new AgentPmtError("AddressMismatch", "expected the address of the key that came with it, got another: erased");
}

/** Nothing of the text is ever in a message. */
function keyOf(text: string): Uint8Array {
	if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw malformed("evmPrivateKey of 32 bytes");
	return hex.decode(text);
}
