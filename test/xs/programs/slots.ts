/** Signs one message with the ed25519 key of each slot that the configuration lists; makes the key where there is none. */

import { createPort } from "../../../hal/xs/port.js";
import * as hex from "../../../modules/encoding/hex.js";

export default function (): void {
	const { keys, log, configuration } = createPort();
	const { slots, message } = JSON.parse(configuration ?? "{}") as { slots: number[]; message: string };
	for (const slot of slots) {
		if (keys.curve(slot) === undefined) keys.create(slot, "ed25519");
		try {
			const signature = hex.encode(keys.signMessage(slot, hex.decode(message)));
			log({ event: "signed", slot, publicKey: hex.encode(keys.publicKey(slot)), signature });
		} catch (error) {
			log({ event: "refused", slot, name: (error as Error).name });
		}
	}
}
