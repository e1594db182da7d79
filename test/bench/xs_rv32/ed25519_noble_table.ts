/**
 * noble as it comes: the first signature makes a table of multiples. 660 kB are enough for it, seven times a device's memory;
 * here it has more, so that little of what is counted is garbage collection.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { KEY, makeRoom, measure } from "./measure.js";

makeRoom(1_000_000, 40_000);
measure("ed25519 sign 32 B", (input) => ed25519.sign(input, KEY));
