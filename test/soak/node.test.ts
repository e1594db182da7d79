/** A small soak on Node. */
import test from "ava";
import { smallSoak } from "./small.js";

test("a hundred purchases with faults: the device's totals agree with books and chain, and its heap is flat", (t) =>
	smallSoak(t, "node"));
