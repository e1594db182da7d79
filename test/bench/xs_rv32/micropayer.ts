/** The C signer, called from JavaScript through its binding. */
import { createNativeSigner } from "../../../modules/signer/native.js";
import { KEY, measure } from "./measure.js";

const signer = createNativeSigner();
signer.importKey(0, "secp256k1", KEY);
signer.importKey(1, "ed25519", KEY);
measure("secp256k1 sign", (input) => signer.signDigest(0, input));
measure("ed25519 sign 32 B", (input) => signer.signMessage(1, input));
measure("keccak256 5 B", (input) => signer.keccak256(input), 5);
