/** At most one payment, whatever the power does: on the Node port. */
import test from "ava";
import { startWorld, type World } from "../../tools/world/world.js";
import { campaign } from "./campaign.js";

let world: World;
test.before(async () => {
	world = await startWorld();
});
test.after.always(() => world?.stop());

test("v2: cut before, in and after every operation, paid once", async (t) => {
	const { operations, lives, failures } = await campaign(world, "v2", "node");
	t.deepEqual(failures, []);
	t.true(operations >= 8, `${operations} operations`);
	t.log(`${operations} operations, ${lives} devices`);
});
