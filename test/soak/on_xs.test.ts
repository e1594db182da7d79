/** A small soak on XS, in a device's memory. */
import { xsTest } from "../xs/device.js";
import { smallSoak } from "./small.js";

xsTest("a hundred purchases with faults: the device's totals agree with books and chain, and its heap is flat", (t) =>
	smallSoak(t, "xs"),
);
