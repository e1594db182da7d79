/** A call at Pact Network Market, interrupted at every single thing that the device does to the world. */
import test, { type ExecutionContext } from "ava";
import type { Pact } from "../../../src/markets/pact/pact.js";
import type { PowerCut } from "../../support/power_flash.js";
import type { Boot } from "../market_device.js";
import { inWords, newRig, open, premiums, type World } from "./kit.js";

/** Cut at every operation, before and after it; then switched on until it has ended. */
async function cutEverywhere(t: ExecutionContext, offer: string, input: string, prepare: (world: World) => void) {
	const act = async (boot: Boot<Pact>) => {
		await boot.buy(offer, input);
	};
	const live = async (cut?: PowerCut) => {
		const world = await open(t, { refundPolls: 2 });
		prepare(world);
		const life = await world.rig.live(act, cut);
		return { ...life, ...world };
	};
	const whole = await live();
	t.true(whole.operations > 4);
	for (let at = 1; at <= whole.operations; at++) {
		for (const side of ["before", "after"] as const) {
			const life = await live({ at, side });
			const where = `${side} operation ${at}`;
			t.true(life.wasCut, where);
			t.true(life.rig.hasEnded(), `${where}: the purchase has ended`);
			t.true(life.market.calls().length <= whole.market.calls().length, `${where}: no call more than without a cut`);
			t.true(life.rig.spent() >= premiums(life), `${where}: the ledger counts what was charged`);
			life.rig.isSilent(t, life.market.secrets());
			await life.market.stop();
		}
	}
}

test("a call interrupted at every operation is made once", async (t) => {
	await cutEverywhere(t, "dummy/quote/AAPL", '{"limit":10}', () => {});
});

test("a failed call interrupted at every operation is made once, and its refund still followed", async (t) => {
	await cutEverywhere(t, "dummy/status/503", '{"limit":10}', ({ rig, market }) => {
		rig.onWait = () => market.settle();
	});
});

test("a call interrupted while its refund was pending polls for the refund alone", async (t) => {
	const world = await open(t, { refundPolls: 1 });
	const { rig, market } = world;
	const { operations } = await newRig(market, world.key, { refundPolls: 1 }).rig.live(async (boot) =>
		boot.buy("dummy/status/503", "{}"),
	);
	const first = rig.boot({ cut: { at: operations, side: "before" } });
	await first.run(async (boot) => boot.buy("dummy/status/503", "{}"));
	t.is(rig.record()?.state, "authorized");
	market.settle();
	const calls = market.calls().length;
	t.is(inWords(await rig.boot().buy("dummy/status/503", "{}")), "unknown refunded");
	t.is(market.calls().length, calls);
	t.is(rig.spent(), 1_000n);
});

test("a call interrupted after its answer costs what the answer said", async (t) => {
	const world = await open(t);
	const { operations } = await newRig(world.market, world.key).rig.live(async (boot) => boot.buy("dummy/quote/A"));
	const first = world.rig.boot({ cut: { at: operations, side: "before" }, cap: 5_000 });
	await first.run(async (boot) => boot.buy("dummy/quote/A"));
	t.is(inWords(await world.rig.boot({ cap: 5_000 }).buy("dummy/quote/A")), "unknown delivery_cut");
	t.is(world.rig.spent(), 1_000n);
});

test("an interrupted call is not resumed by a plan whose rule no longer allows it", async (t) => {
	const { rig } = await open(t);
	const first = rig.boot({ cut: { at: 4, side: "after" } });
	await first.run(async (boot) => boot.buy("dummy/quote/A"));
	t.is(rig.record()?.state, "authorized");
	rig.rule = { asset: { ...rig.rules()[0]!.asset, address: "other" } };
	const boot = rig.boot();
	t.is((await rig.error(boot.buy("dummy/quote/A"))).name, "NoRule");
});
