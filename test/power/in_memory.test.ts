/** A fixed tenth of the power campaign; `npm run test:power` makes all of it. */
import test from "ava";
import { runs, Tally } from "./runs.js";
import { SCENARIOS } from "./scenarios.js";

/** A tenth of 10,000. */
const RUNS = 1_000;
/** Every operation is cut; of the runs whose recovery is cut too, so many-th are made. */
const EVERY = 24;

test("cut at each operation of every scenario, and in the recovery: paid once, nothing forgotten, and it buys again", async (t) => {
	const tally = new Tally();
	for await (const run of runs({ seed: 1, every: EVERY, part: 0, parts: 1, only: "" })) {
		if (run.rounds > 0) break;
		tally.add(run);
		t.deepEqual(run.violations, [], run.command);
	}
	const { cuts, secondCuts, mostOperations, scenarios } = tally;
	const names = SCENARIOS.map(({ name }) => name);
	t.deepEqual(Object.keys(scenarios), names);
	t.true(tally.runs >= RUNS && secondCuts > RUNS / 4, `only ${tally.runs} runs, ${secondCuts} second cuts`);
	t.log(`${tally.runs} runs, ${cuts} power cuts, ${secondCuts} in a recovery, at most ${mostOperations} operations`);
});
