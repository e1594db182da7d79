/**
 * At most one payment, whatever the power does: a purchase of each kind is cut at every one of its operations, before,
 * in the middle of and after it, on XS; and one kind on Node.
 */
import test from "ava";
import { buildXs, type XsBuild, xsAvailable } from "../../hal/host/build.js";
import type { Engine } from "../../hal/host/firmware.js";
import { payTo } from "../world/resources.js";
import { startWorld, type World } from "../world/world.js";
import { type Kind, type Life, live, type Phase } from "./campaign.js";

let world: World;
let build: XsBuild | undefined;
test.before(async () => {
	world = await startWorld();
	if (xsAvailable()) build = await buildXs();
});
test.after.always(() => world?.stop());

const PRICE = 10_000n;
const PHASES: readonly Phase[] = ["before", "during", "after"];
/** Devices that live at the same time. */
const AT_ONCE = 3;

/** What must be true of a device's life, as sentences that it breaks. */
function broken({ purchase, transfers, records }: Life): string[] {
	const moved = transfers.reduce((sum, { value }) => sum + value, 0n);
	const counted = records.filter(({ state }) => state !== "expired").reduce((sum, { amount }) => sum + amount, 0n);
	const checks: [boolean, string][] = [
		[transfers.length === 1, `one transfer, got ${transfers.length}`],
		[transfers.every(({ to, value }) => to === payTo && value === PRICE), "the seller's receiver and price"],
		[counted >= moved, `the ledger to count at least ${moved}, got ${counted}`],
		[records.every(({ state }) => !["intended", "authorized"].includes(state)), "every record in a final state"],
		[transfers.every(({ nonce }) => records.some((record) => record.nonce === nonce)), "the transfer's nonce recorded"],
		[purchase === undefined || ["delivered", "unknown"].includes(String(purchase.state)), "delivered or unknown"],
	];
	return checks.filter(([holds]) => !holds).map(([, what]) => `expected ${what}`);
}

async function campaign(kind: Kind, engine: Engine): Promise<{ lives: number; failures: string[] }> {
	const { operations } = await live(world, kind, engine, build);
	const cuts = Array.from({ length: operations }, (_, i) =>
		PHASES.map((phase) => ({ operation: i + 1, phase })),
	).flat();
	const failures: string[] = [];
	const queue = [...cuts];
	const worker = async () => {
		for (let cut = queue.shift(); cut !== undefined; cut = queue.shift()) {
			const life = await live(world, kind, engine, build, cut);
			if (life.runs < 2) failures.push(`${cut.operation} ${cut.phase}: expected the power to be cut`);
			failures.push(...broken(life).map((what) => `${cut.operation} ${cut.phase}: ${what}`));
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	return { lives: cuts.length, failures };
}

for (const kind of ["v2", "v1", "permit2"] as const) {
	test(`${kind} on XS: cut at every operation, paid once`, async (t) => {
		if (build === undefined) {
			t.pass("no C compiler: the lane of XS is reported as not run");
			return;
		}
		const { lives, failures } = await campaign(kind, "xs");
		t.deepEqual(failures, []);
		t.true(lives >= 30, `${lives} lives`);
		t.log(`${lives} lives`);
	});
}

test("v2 on Node: cut at every operation, paid once", async (t) => {
	const { lives, failures } = await campaign("v2", "node");
	t.deepEqual(failures, []);
	t.log(`${lives} lives`);
});
