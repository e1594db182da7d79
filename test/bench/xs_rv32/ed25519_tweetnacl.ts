/** tweetnacl, with the key expanded beforehand, as its interface wants it. */
import nacl from "tweetnacl";
import { KEY, makeRoom, measure } from "./measure.js";

const { secretKey } = nacl.sign.keyPair.fromSeed(KEY);
makeRoom(16_000);
measure("ed25519 sign 32 B", (input) => nacl.sign.detached(input, secretKey));
