import test from "ava";
import { spendDay } from "./device_day.js";

test("a day at the four markets, on XS with the memory of the ESP32-C3", async (t) => {
	const { heap, bits } = await spendDay(t, "xs");
	t.is(heap?.limit, 94_208 * (bits / 32));
	t.log(`peak ${heap?.peak}: slots ${heap?.slotsPeak}, chunks ${heap?.chunksPeak}, stack ${heap?.stackPeak}`);
});
