/**
 * The demonstration of `npm start`: a day in a device's life. First six purchases from two sellers, then ten at the four
 * markets. The chain, the sellers and the markets are all on this machine.
 */
import path from "node:path";
import type { Address } from "viem";
import { makeScratch } from "../scratch.js";
import { payTo } from "../world/resources.js";
import { kept } from "../world/secret_log.js";
import { startWorld, type World } from "../world/world.js";
import { type Day, openMarkets, plans as plansAtMarkets, type Setup } from "./markets.js";

export interface Demonstration {
	readonly world: World;
	readonly markets: Day;
	/** A description of the world, line by line. */
	readonly inWords: readonly string[];
	/** The device's flash, created for this run. */
	readonly flash: string;
	/** Without plans: for the first boot, at which the device creates its keys. */
	readonly empty: string;
	/** Only the sellers. */
	readonly sellersOnly: string;
	/** As many plans and rules as a device accepts. */
	readonly configuration: string;
	/** Does the owner's part: sends the device money, approves Permit2 for it, gives its agent at Pact an allowance. */
	fund(address: string, agent: string): Promise<void>;
	stop(): Promise<void>;
}

export async function startDemonstration(): Promise<Demonstration> {
	const world = await startWorld();
	const { chain, seller, v1 } = world;
	const markets = await openMarkets(chain).catch(async (error) => {
		await world.stop();
		throw error;
	});
	const scratch = await makeScratch();
	const flash = path.join(scratch.folder, "flash");
	const { setup } = markets;
	const all = { ...setup, rules: [...rulesFor(world), ...setup.rules] };
	const plansAtSellers = plansFor(world);
	return {
		world,
		markets,
		inWords: [
			`anvil, chain ${chain.chainId}; sellers ${seller.url} (x402 v2), ${v1.url} (v1)`,
			`markets ${marketsInWords(markets)}`,
		],
		flash,
		empty: configure(all, []),
		sellersOnly: configure(
			{ ...all, rules: rulesFor(world), markets: {}, assets: setup.assets.slice(0, 1) },
			plansAtSellers,
		),
		configuration: configure(all, [...plansAtSellers, ...plansAtMarkets]),
		fund: async (address, agent) => {
			await markets.fund(address, agent);
			await chain.approvePermit2(address as Address);
		},
		stop: async () => {
			await markets.stop();
			await world.stop();
			kept(flash);
			await scratch.remove();
		},
	};
}

function configure(setup: Setup, plans: readonly object[]): string {
	return JSON.stringify({ ...setup, plans });
}

function marketsInWords({ pactum, pact, agentPmt, payanAgent }: Day): string {
	const urls = [pactum.gateway.url, pact.gateway.url, agentPmt.url, payanAgent.url];
	const ports = urls.map((url) => `:${new URL(url).port}`);
	return `Pactum ${ports[0]}, Pact ${ports[1]}, AgentPMT ${ports[2]}, PayanAgent ${ports[3]}`;
}

function rulesFor({ seller, v1 }: World) {
	const caps = {
		maxPerPayment: "10000000",
		maxPerWindow: "1000000",
		maxCountPerWindow: 24,
		windowSeconds: 86_400,
		maxForLife: "50000000",
		maxValiditySeconds: 120,
	};
	const rule = { asset: "usdc", payTo: [payTo], ...caps };
	return [
		{ name: "sensors", origin: seller.url, methods: ["eip3009", "permit2"], ...rule },
		{ name: "old sensors", origin: v1.url, ...rule },
	];
}

function plansFor({ seller, v1 }: World) {
	const plans = [
		{ name: "temperature, x402 v2", url: `${seller.url}/data` },
		{ name: "temperature, x402 v1", url: `${v1.url}/data` },
		{ name: "temperature, by Permit2", url: `${seller.url}/permit2` },
		{ name: "temperature, free", url: `${seller.url}/free` },
		{ name: "in euro, which no rule allows", url: `${seller.url}/eurc` },
		{ name: "a photograph, over budget", url: `${seller.url}/expensive` },
	];
	return plans.map((plan) => ({ maxAmount: "10000000", ...plan }));
}
