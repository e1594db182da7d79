/** Signs what the configuration lists, with the keys it lists, so that the test can compare with other signers. */

import { createPort } from "../../../hal/xs/port.js";
import * as hex from "../../../modules/encoding/hex.js";

interface Job {
	readonly key: string;
	readonly digest: string;
	readonly message: string;
}

export default function (): void {
	const { keys, log, configuration } = createPort();
	for (const job of JSON.parse(configuration ?? "{}") as readonly Job[]) {
		const message = hex.decode(job.message);
		const use = (slot: number, sign: () => Uint8Array) => {
			const publicKey = keys.publicKey(slot);
			const signature = hex.encode(sign());
			keys.erase(slot, publicKey);
			return { publicKey: hex.encode(publicKey), signature };
		};
		keys.importKey(0, "secp256k1", hex.decode(job.key));
		keys.importKey(255, "ed25519", hex.decode(job.key));
		log({
			event: "signed",
			secp256k1: use(0, () => keys.signDigest(0, hex.decode(job.digest))),
			ed25519: use(255, () => keys.signMessage(255, message)),
			keccak256: hex.encode(keys.keccak256(message)),
			sha256: hex.encode(keys.sha256(message)),
		});
	}
}
