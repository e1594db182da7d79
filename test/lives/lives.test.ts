/** A fixed few of the random lives; `npm run test:lives` lives many more. */
import test from "ava";
import { drawLife, live } from "./life.js";

const LIVES = 60;

test("what has left in random lives keeps to the rules, and the ledger counts all of it", async (t) => {
	let purchases = 0;
	let payments = 0;
	for (let seed = 1; seed <= LIVES; seed++) {
		const end = await live(drawLife(seed));
		t.deepEqual(end.violations, [], `npm run test:lives -- --seed ${seed} --lives 1`);
		purchases += end.purchases;
		payments += end.signatures;
	}
	t.true(purchases > 8 * LIVES && payments > 3 * LIVES, `only ${purchases} purchases, ${payments} payments`);
	t.log(`${LIVES} lives, ${purchases} purchases`);
});
