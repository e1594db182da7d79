/**
 * noble as it comes: the first signature makes a table of multiples. 660 kB are enough for it, seven times a device's memory;
 * here it has more, so that little of what is counted is garbage collection.
 */
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { KEY, makeRoom, measure } from "./measure.js";

makeRoom(1_000_000, 40_000);
measure("secp256k1 sign", (input) => secp256k1.sign(input, KEY, { prehash: false, format: "recovered" }));
