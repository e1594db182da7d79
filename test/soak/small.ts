/** The part of the soak that `npm test` runs: a hundred purchases, with many more faults than in a long one. */
import type { ExecutionContext } from "ava";
import type { Engine } from "../../tools/firmware.js";
import { soak } from "./soak.js";

/** Fixed, so that it finds tomorrow what it finds today. */
const SEED = 3;

export async function smallSoak(t: ExecutionContext, engine: Engine): Promise<void> {
	const result = await soak({ engine, purchases: 100, seed: SEED, faultRate: 0.3, refuseEvery: 40 });
	t.deepEqual(result.failures, []);
	t.true(result.counts.delivered >= 80, JSON.stringify(result.counts));
	t.true(result.faults.size >= 7, [...result.faults.keys()].join(", "));
	t.true(result.faults.get("flash refused a write")! >= 5);
	t.log(`${result.moved} base units moved, ${result.counted} counted, ${result.heap.at(-1)!.live} bytes live`);
}
