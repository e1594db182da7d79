/** PayanAgent's client: purchases interrupted at every single thing that the device does to the world. */
import test from "ava";
import type { PayanAgentOperations } from "../../../src/markets/payanagent/operations/payanagent_operations.js";
import { startPayanAgent } from "../../../tools/world/markets/payanagent/market.js";
import type { Boot } from "../market_device.js";
import { chain, deliverNothing, fulfilled, moved, newDevice, newProvider, WORK, type World } from "./kit.js";

interface Scenario {
	/** Before the device is switched on; what `act` needs to know of it. */
	readonly prepare?: (world: World) => Promise<string>;
	readonly act: (boot: Boot<PayanAgentOperations>, prepared: string) => Promise<unknown>;
	readonly price: bigint;
	readonly cap: number;
}

const SCENARIOS: Readonly<Record<string, Scenario>> = {
	"a native offer": {
		act: (boot) => boot.buy("temperature", '{"place":"roof"}'),
		price: 10_000n,
		cap: 100_000,
	},
	"a relayed offer": { act: (boot) => boot.buy("relayed"), price: 10_000n, cap: 100_000 },
	"a download offer": {
		act: async (boot) => boot.end(await boot.market.buyOffer("dataset", "", boot.payers.x402, deliverNothing)),
		price: 250_000n,
		cap: 300_000,
	},
	"a request with escrow": {
		act: async (boot) => boot.end(await boot.market.createRequestWithEscrow(WORK, boot.payers.x402)),
		price: 2_000_000n,
		cap: 10_000_000,
	},
	"an approval that pays the provider": {
		prepare: async (world) => fulfilled(world, await newProvider(world), false),
		act: async (boot, request) => boot.end(await boot.market.approve(request, boot.payers.x402)),
		price: 1_500_000n,
		cap: 10_000_000,
	},
};

for (const [what, { prepare, act, price, cap }] of Object.entries(SCENARIOS)) {
	test(`${what}, interrupted at every operation, is paid once`, async (t) => {
		const market = await startPayanAgent(chain);
		t.teardown(market.stop);
		market.limits.public = Number.POSITIVE_INFINITY;
		const live = async (cut?: { at: number; side: "before" | "after" }) => {
			const world = await newDevice(market);
			const prepared = (await prepare?.(world)) ?? "";
			const life = await world.rig.live((boot) => act(boot, prepared), cut, { cap, period: 101 });
			return { ...life, ...world };
		};
		const whole = await live();
		t.is(await moved(whole), price);
		const cuts = Array.from({ length: whole.operations }, (_, i) => [
			{ at: i + 1, side: "before" as const },
			{ at: i + 1, side: "after" as const },
		]).flat();
		const worker = async () => {
			for (let cut = cuts.shift(); cut !== undefined; cut = cuts.shift()) {
				const life = await live(cut);
				const where = `${cut.side} operation ${cut.at}`;
				const transfers = await chain.transfers(life.rig.address);
				t.true(life.wasCut, where);
				t.true(transfers.length <= 1, `${where}: ${transfers.length} payments`);
				t.true(life.rig.hasEnded(), `${where}: the purchase has ended`);
				t.true(life.rig.spent() >= (await moved(life)), `${where}: the ledger counts what moved`);
				life.rig.isSilent(t, market.secrets());
			}
		};
		await Promise.all([worker(), worker(), worker()]);
	});
}
