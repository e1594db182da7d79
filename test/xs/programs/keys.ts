/** Makes a key of each kind, signs with it, says so, and stays. */
import { createPort } from "../../../hal/xs/port.js";

export default function (): void {
	const { keys, log, timer } = createPort();
	keys.create(0, "secp256k1");
	keys.create(1, "ed25519");
	keys.signDigest(0, new Uint8Array(32).fill(9));
	keys.signMessage(1, keys.publicKey(0));
	log({ event: "signed" });
	timer.set(() => {}, 3_600_000);
}
