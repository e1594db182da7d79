/** A device's configuration for the local world: one rule for each seller, wide enough for what the sellers ask. */
import { usdc } from "../../tools/world/chain.js";
import { payTo } from "../../tools/world/resources.js";
import type { World } from "../../tools/world/world.js";

export interface PlanFields {
	readonly name: string;
	readonly url: string;
	readonly [field: string]: unknown;
}

/** JSON text. `rule` overrides fields of both rules. */
export function configure(
	{ chain, seller, v1 }: World,
	plans: readonly PlanFields[],
	rule: Readonly<Record<string, unknown>> = {},
): string {
	const { name, version, address } = usdc;
	const common = {
		asset: "usdc",
		methods: ["eip3009", "permit2"],
		payTo: [payTo],
		maxPerPayment: "20000",
		maxPerWindow: "100000",
		maxCountPerWindow: 20,
		windowSeconds: 3_600,
		maxForLife: "1000000",
		maxValiditySeconds: 120,
		...rule,
	};
	return JSON.stringify({
		networks: [{ id: chain.network, name: "a local chain" }],
		assets: [{ id: "usdc", network: chain.network, address, name, version, symbol: "USDC", decimals: 6 }],
		rules: [
			{ name: "v2", origin: seller.url, ...common },
			{ name: "v1", origin: v1.url, ...common },
		],
		plans: plans.map((plan) => ({ maxAmount: "20000", ...plan })),
	});
}
