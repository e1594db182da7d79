/** What the tests of Pact's client share: a market, and a device with a key and a funded agent. */
import type { ExecutionContext } from "ava";
import { PACT_ASSET, PACT_NETWORK } from "../../../src/markets/pact/call.js";
import { Pact } from "../../../src/markets/pact/pact.js";
import type { PactRequest } from "../../../src/markets/pact/request.js";
import type { PactOptions } from "../../../src/markets/pact/settings.js";
import { agentOf } from "../../../src/markets/pact/signature.js";
import { startPact } from "../../../tools/world/markets/pact/market.js";
import { Rig } from "../market_device.js";

export interface World {
	readonly market: Awaited<ReturnType<typeof startPact>>;
	readonly rig: Rig<Pact>;
	readonly key: string;
	readonly agent: string;
}

/** A market, and a device with a key and a funded agent. */
export async function open(t: ExecutionContext, options: Partial<PactOptions> = {}): Promise<World> {
	const market = await startPact();
	t.teardown(market.stop);
	const key = market.newKey();
	return { market, key, ...newRig(market, key, options) };
}

export function newRig(market: World["market"], key: string, options: Partial<PactOptions> = {}) {
	const rig = new Rig<Pact>({
		origin: market.gateway.url,
		rules: [
			{
				asset: { network: PACT_NETWORK, address: PACT_ASSET, name: "", version: "", symbol: "USDC", decimals: 6 },
				methods: ["account"],
				payTo: [],
			},
		],
		make: (means) =>
			new Pact(means, {
				betaKey: key,
				slot: 1,
				gateway: market.gateway.url,
				indexer: market.indexer.url,
				network: "solana-mainnet",
				...options,
			}),
	});
	const agent = agentOf(rig.keys, options.slot ?? 1);
	market.fund(agent, { balance: 1_000_000n, allowance: 500_000n });
	return { rig, agent };
}

export const callTo = (path: string, fields: Partial<PactRequest> = {}): PactRequest => ({
	method: "GET",
	endpoint: "dummy",
	path,
	...fields,
});
export const inWords = ({ state, outcome }: { state: string; outcome: string }): string => `${state} ${outcome}`;
export const premiums = ({ market }: World): bigint => market.calls().reduce((sum, { premium }) => sum + premium, 0n);
export const seen = ({ market }: World) => market.gateway.requests.filter(({ path }) => path.startsWith("/v1/dummy"));
