/** noble as it fits a device, which is without its table, and with all of the device's memory to itself. */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { KEY, makeRoom, measure } from "./measure.js";

secp256k1.Point.BASE.precompute(1, false);
makeRoom(16_000);
measure("secp256k1 sign", (input) => secp256k1.sign(input, KEY, { prehash: false, format: "recovered" }));
