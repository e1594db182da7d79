/** One flash, one agent, on XS and between the engines. */
import { xsTest } from "../xs/device.js";
import { killedCommand, threeAtOnce } from "./one_agent.js";

xsTest("three devices started at once on one flash pay only what its rule allows one", (t) =>
	threeAtOnce(t, ["xs", "xs", "xs"]),
);

xsTest("XS and Node respect each other's lock", (t) => threeAtOnce(t, ["node", "xs", "node"]));

xsTest("a command that was killed leaves no device running and no lock", (t) => killedCommand(t, "xs"));
