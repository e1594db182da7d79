/** One flash, one agent, on Node. */
import test from "ava";
import { killedCommand, threeAtOnce } from "./one_agent.js";

test("three devices started at once on one flash pay only what its rule allows one", (t) =>
	threeAtOnce(t, ["node", "node", "node"]));

test("a command that was killed leaves no device running and no lock", (t) => killedCommand(t, "node"));
