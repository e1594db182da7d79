/** Someone else's app: it takes the signer's manifest alone, keeps keys in slots of its own (slots.c), and signs. */
import * as hex from "micropayer/modules/encoding/hex";
import { signPersonalMessage } from "micropayer/modules/signer/eip191";
import { createNativeSigner } from "micropayer/modules/signer/native";

declare function trace(text: string): void;
declare function native(name: string): { call(self: unknown): never };

/** The process ends: a device would go on. */
function end(this: unknown): never {
	return native("xs_signer_app_end").call(this);
}

const signer = createNativeSigner();
signer.create(0, "secp256k1");
signer.create(1, "ed25519");
const told = {
	event: "signed",
	publicKeys: [hex.encode(signer.publicKey(0)), hex.encode(signer.publicKey(1))],
	personal: signPersonalMessage(signer, 0, "hello, world €"),
	message: hex.encode(signer.signMessage(1, new Uint8Array([1, 2, 3]))),
};
trace(`${JSON.stringify(told)}\n`);
end.call(undefined);
