/**
 * With the SDK: `modules/signer/manifest.json` is all that an app needs to sign. The app in signer_app/ is built and run in the
 * simulator; what it says is what the portable signer says of the same keys.
 */
import { tmpdir } from "node:os";
import * as hex from "../../modules/encoding/hex.js";
import { createPortableSigner, signPersonalMessage } from "../../modules/signer/portable.js";
import type { FirmwareEvent } from "../../tools/firmware.js";
import { buildSimulator, runSimulator } from "../../tools/moddable/simulator.js";

const LONGEST_RUN = 30_000;

export async function runSignerApp(): Promise<FirmwareEvent | undefined> {
	const build = buildSimulator("test/boards/signer_app/manifest.json");
	const events: FirmwareEvent[] = [];
	await runSimulator({
		build,
		isHeadless: true,
		flash: tmpdir(),
		timeout: LONGEST_RUN,
		onEvent: (event) => events.push(event),
	});
	return events[0];
}

/** The same by noble and tweetnacl. */
export function expectedOfSignerApp(): object {
	const signer = createPortableSigner({ keys: new Map(), random: (buffer) => buffer.fill(7) });
	signer.create(0, "secp256k1");
	signer.create(1, "ed25519");
	return {
		event: "signed",
		publicKeys: [hex.encode(signer.publicKey(0)), hex.encode(signer.publicKey(1))],
		personal: signPersonalMessage(signer, 0, "hello, world €"),
		message: hex.encode(signer.signMessage(1, Uint8Array.of(1, 2, 3))),
	};
}
