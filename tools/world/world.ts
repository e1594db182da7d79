/**
 * The local world: a chain, a seller of x402 v2 and one of v1, on free ports of the loopback interface. Whatever ends the
 * process ends the world with it; see `anvil.ts`.
 *
 * @example
 * const world = await startWorld();
 * try {
 * 	await world.chain.mint(device, 1_000_000n);
 * 	// … the device buys `${world.seller.url}/data` …
 * 	console.log(await world.chain.transfers(device));
 * } finally {
 * 	await world.stop();
 * }
 */
import { type Chain, startChain } from "./chain.js";
import type { Resource } from "./resources.js";
import { type Seller, startSeller } from "./seller.js";
import { startV1Seller, type V1Seller } from "./v1_seller.js";

export interface WorldOptions {
	/** 84532 by default; the v1 seller needs one that v1 has a name for. */
	readonly chainId?: number;
	/** Resources of both sellers, beside or instead of the usual ones. */
	readonly resources?: Readonly<Record<string, Resource>>;
}

export interface World {
	readonly chain: Chain;
	readonly seller: Seller;
	readonly v1: V1Seller;
	/** Ends everything and returns when it is gone. May be called again. */
	stop(): Promise<void>;
}

/** Starts the world; ready in about 0.2 s, or 4 s more the first time, when the contracts are compiled. */
export async function startWorld({ chainId, resources }: WorldOptions = {}): Promise<World> {
	const chain = await startChain(chainId);
	try {
		const seller = await startSeller(chain, resources);
		const v1 = await startV1Seller(chain, resources);
		const stop = async (): Promise<void> => {
			await Promise.all([seller.stop(), v1.stop()]);
			await chain.stop();
		};
		return { chain, seller, v1, stop };
	} catch (error) {
		await chain.stop();
		throw error;
	}
}
