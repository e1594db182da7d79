/** What the tests of PayanAgent's client share: a market with wide limits, and a device with money and an agent. */
import test, { type ExecutionContext } from "ava";
import type { PayanAgentOptions } from "../../../src/markets/payanagent/api.js";
import { PayanAgentOperations } from "../../../src/markets/payanagent/operations/payanagent_operations.js";
import type { Deliver, Outcome } from "../../../src/x402/client.js";
import { type Chain, startChain, usdc } from "../../../tools/world/chain.js";
import { type PayanAgent as LocalMarket, startPayanAgent } from "../../../tools/world/markets/payanagent/market.js";
import { Rig } from "../market_device.js";

export let chain: Chain;
test.before(async () => {
	console.warn = () => {}; // the official server tells of each header that it cannot decode
	chain = await startChain();
});
test.after.always(() => chain?.stop());

export interface World {
	readonly market: LocalMarket;
	readonly rig: Rig<PayanAgentOperations>;
	/** Of the device's own agent. */
	readonly agentId: string;
	readonly apiKey: string;
}

/** A market with wide limits, and a device with money and an agent. */
export async function open(t: ExecutionContext, options: PayanAgentOptions = {}): Promise<World> {
	const market = await startPayanAgent(chain);
	t.teardown(market.stop);
	market.limits.public = Number.POSITIVE_INFINITY;
	return await newDevice(market, options);
}

export async function newDevice(market: LocalMarket, options: PayanAgentOptions = {}): Promise<World> {
	let agent = { id: "", apiKey: "" };
	const asset = { ...usdc, address: usdc.address.toLowerCase(), network: chain.network, symbol: "USDC", decimals: 6 };
	const rig: Rig<PayanAgentOperations> = new Rig<PayanAgentOperations>({
		origin: market.url,
		rules: [{ asset, methods: ["eip3009", "permit2"], payTo: [] }],
		aftermathMs: 250,
		make: (means) =>
			new PayanAgentOperations(means, { host: market.url, apiKey: agent.apiKey, agentId: agent.id, ...options }),
	});
	agent = market.newAgent(rig.address, "The device");
	await chain.mint(rig.address, 100_000_000n);
	return { market, rig, agentId: agent.id, apiKey: agent.apiKey };
}

export const inWords = ({ state, outcome }: Pick<Outcome, "state" | "outcome">): string => `${state} ${outcome}`;
export const moved = async ({ rig }: World): Promise<bigint> =>
	(await chain.transfers(rig.address)).reduce((sum, { value }) => sum + value, 0n);
export const paidRequests = ({ market }: World, path: string) =>
	market.seen(path).filter(({ payment }) => payment !== undefined);

export const deliverNothing: Deliver = async (response) => response.discard();

export const WORK = { title: "Count the cars", description: "On the photograph", budgetMaxCents: 200 };

/** A provider with a device of its own. */
export async function newProvider({ market }: World): Promise<World> {
	return await newDevice(market);
}

/** A request with a bid accepted and fulfilled. */
export async function fulfilled(world: World, provider: World, isEscrow: boolean): Promise<string> {
	const boot = world.rig.boot({ period: 100, cap: 10_000_000 });
	let id: string;
	if (isEscrow) {
		const made = await boot.market.createRequestWithEscrow(WORK, boot.payers.x402);
		boot.end(made);
		id = made.requestId;
	} else id = await boot.market.createRequest(WORK);
	const bidId = await provider.rig.boot().market.bid(id, { priceCents: 150, message: "Tomorrow" });
	await boot.market.accept(id, bidId);
	await provider.rig.boot().market.fulfill(id, "42 cars");
	return id;
}
