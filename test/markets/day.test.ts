import test from "ava";
import { spendDay } from "./device_day.js";

test("a day at the four markets, on Node", async (t) => {
	await spendDay(t, "node");
});
