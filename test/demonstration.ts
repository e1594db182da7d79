/**
 * What `npm start` shows: six purchases of a device that has a rule for two sellers, on a chain and with sellers that are
 * all on this machine.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Address } from "viem";
import { usdc } from "./world/chain.js";
import { payTo } from "./world/resources.js";
import { startWorld, type World } from "./world/world.js";

export interface Demonstration {
	readonly world: World;
	readonly inWords: string;
	/** The device's flash: made for this run. */
	readonly flash: string;
	/** Without plans: for the first boot, at which the device makes its key. */
	readonly empty: string;
	readonly configuration: string;
	/** What a device's owner does: sends it money, and approves Permit2 for it. */
	fund(address: string): Promise<void>;
	stop(): Promise<void>;
}

export async function startDemonstration(): Promise<Demonstration> {
	const world = await startWorld();
	const flash = await mkdtemp(path.join(tmpdir(), "micropayer-flash-"));
	const { networks, assets, rules, plans } = configurationFor(world);
	return {
		world,
		inWords: `anvil, chain ${world.chain.chainId}; sellers ${world.seller.url} (x402 v2), ${world.v1.url} (v1)`,
		flash,
		empty: JSON.stringify({ networks, assets, rules: [], plans: [] }),
		configuration: JSON.stringify({ networks, assets, rules, plans }),
		fund: async (address) => {
			await world.chain.mint(address as Address, 10_000_000n);
			await world.chain.approvePermit2(address as Address);
		},
		stop: async () => {
			await world.stop();
			await rm(flash, { recursive: true });
		},
	};
}

function configurationFor({ chain, seller, v1 }: World) {
	const caps = {
		maxPerPayment: "10000000",
		maxPerWindow: "1000000",
		maxCountPerWindow: 24,
		windowSeconds: 86_400,
		maxForLife: "50000000",
		maxValiditySeconds: 120,
	};
	const rule = { asset: "usdc", payTo: [payTo], ...caps };
	const plan = { maxAmount: "10000000" };
	const { name, version, address } = usdc;
	return {
		networks: [{ id: chain.network, name: "a local chain" }],
		assets: [{ id: "usdc", network: chain.network, address, name, version, symbol: "USDC", decimals: 6 }],
		rules: [
			{ name: "sensors", origin: seller.url, methods: ["eip3009", "permit2"], ...rule },
			{ name: "old sensors", origin: v1.url, ...rule },
		],
		plans: [
			{ name: "temperature, x402 v2", url: `${seller.url}/data`, ...plan },
			{ name: "temperature, x402 v1", url: `${v1.url}/data`, ...plan },
			{ name: "temperature, by Permit2", url: `${seller.url}/permit2`, ...plan },
			{ name: "temperature, free", url: `${seller.url}/free`, ...plan },
			{ name: "in euro, which no rule allows", url: `${seller.url}/eurc`, expect: "refused", ...plan },
			{ name: "a photograph, over budget", url: `${seller.url}/expensive`, expect: "refused", ...plan },
		],
	};
}
