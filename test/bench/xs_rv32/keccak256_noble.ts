import { keccak_256 } from "@noble/hashes/sha3.js";
import { makeRoom, measure } from "./measure.js";

makeRoom(16_000);
measure("keccak256 5 B", (input) => keccak_256(input), 5);
