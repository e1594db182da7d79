/** noble as it fits a device, which is without its table, and with all of the device's memory to itself. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { KEY, makeRoom, measure } from "./measure.js";

ed25519.Point.BASE.precompute(1, false);
makeRoom(24_000);
measure("ed25519 sign 32 B", (input) => ed25519.sign(input, KEY));
