/** A fixed tenth of the power campaign; `npm run test:power` makes all of it. */
import test from "ava";
import { runs, Tally } from "./runs.js";
import { SCENARIOS } from "./scenarios.js";

const RUNS = 1_000;
/** Of the runs whose recovery is cut, so many-th are made, so that all scenarios have theirs. */
const EVERY = 22;

test("cut at each operation of every scenario, and in the recovery: paid once, nothing forgotten, and it buys again", async (t) => {
	const tally = new Tally();
	for await (const run of runs({ seed: 1, every: EVERY, part: 0, parts: 1, only: "" })) {
		tally.add(run);
		t.deepEqual(run.violations, [], run.command);
		if (tally.runs === RUNS) break;
	}
	const { cuts, secondCuts, mostOperations, scenarios } = tally;
	t.deepEqual(
		Object.keys(scenarios),
		SCENARIOS.map(({ name }) => name),
	);
	t.true(secondCuts > RUNS / 4, `only ${secondCuts} second cuts`);
	t.log(`${RUNS} runs, ${cuts} power cuts, ${secondCuts} in a recovery, at most ${mostOperations} operations`);
});
