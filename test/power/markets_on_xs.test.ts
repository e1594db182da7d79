/** Paid once at each of the four markets, whatever the power does: on XS. */
import test from "ava";
import { type Day, startDay } from "../../tools/demonstration/markets.js";
import { buildXs, type XsBuild } from "../../tools/xs/build.js";
import { removeFolder } from "../support/folder.js";
import { type Buyer, CASES, campaignAt, newBuyer } from "./at_markets.js";
import { AT_ONCE } from "./campaign.js";

let day: Day;
let build: XsBuild;
let buyers: Buyer[];
test.before(async () => {
	build = await buildXs();
	day = await startDay();
	buyers = await Promise.all(Array.from({ length: AT_ONCE }, () => newBuyer(day, build)));
});
test.after.always(async () => {
	for (const { keys } of buyers ?? []) await removeFolder(keys);
	await day?.stop();
});

for (const [index, [name, market]] of Object.entries(CASES).entries()) {
	test.serial(`${name}: cut at every operation, paid once`, async (t) => {
		const { operations, lives, ends, failures } = await campaignAt(day, market, build, buyers, index);
		t.deepEqual(failures, []);
		t.true(operations >= 8, `${operations} operations`);
		t.log(`${operations} operations, ${lives} devices: ${JSON.stringify(ends)}`);
	});
}
