/**
 * The firmware's entry: takes a port, reads the configuration, runs the agent.
 */
import type { Port } from "../hal/hal.js";
import * as uint256 from "../modules/encoding/uint256.js";
import { Agent } from "./agent/agent.js";
import { type Configuration, parseConfiguration } from "./agent/configuration.js";
import type { Shop } from "./agent/deal.js";
import type { ShopKind } from "./agent/shops/shop.js";
import { HttpClient } from "./http/client.js";
import type { MarketMeans } from "./markets/market.js";
import { Wallet } from "./wallet/wallet.js";

/**
 * Runs the agent to its end, with the markets that this firmware has. What stops it from starting is one event, `error`;
 * nothing is signed then.
 */
export async function main(port: Port, markets: readonly ShopKind[]): Promise<void> {
	const http = new HttpClient({ connect: port.connect, timer: port.timer });
	try {
		const builtIn = markets.map(({ name }) => name);
		const configuration = parseConfiguration(port.configuration ?? "{}", port.keys, builtIn);
		const wallet = openWallet(port, configuration);
		tellStart(port, configuration, wallet);
		const { clock, timer, storage, watchdog } = port;
		const log = (event: object) => port.log(event);
		const shops = openShops(port, http, configuration, markets);
		const isPaused = () => false;
		await new Agent({ clock, timer, http, storage, wallet, shops, watchdog, log, isPaused }, configuration).run();
		port.log({ event: "spent", of: spent(wallet, configuration) });
	} catch (error) {
		port.log({ event: "error", name: (error as Error).name, message: (error as Error).message });
	}
	http.close();
}

function openWallet(port: Port, { slot, rules, plans }: Configuration): Wallet {
	const { keys, clock, storage } = port;
	if (keys.curve(slot) === undefined) keys.create(slot, "secp256k1");
	const random = (buffer: Uint8Array) => port.random(buffer);
	return new Wallet({ clock, random, keys, storage, slot, rules, plans: plans.map(({ name }) => name) });
}

function openShops(port: Port, http: HttpClient, { markets }: Configuration, kinds: readonly ShopKind[]) {
	const { timer, clock, keys } = port;
	const random = (buffer: Uint8Array) => port.random(buffer);
	const means: MarketMeans = { http, timer, clock, keys, random, log: (event) => port.log(event) };
	const shops = new Map<string, Shop>();
	for (const kind of kinds) {
		const field = markets.get(kind.name);
		if (field !== undefined) shops.set(kind.name, kind.open(field, means));
	}
	return shops;
}

function tellStart(port: Port, { rules, plans, assets }: Configuration, wallet: Wallet): void {
	port.log({
		event: "start",
		address: wallet.address,
		rules: rules.map(({ name, origin, asset, maxForLife }) => ({
			name,
			origin,
			symbol: assets.find((each) => each === asset)?.symbol ?? "",
			maxForLife: uint256.toDecimal(maxForLife),
		})),
		plans: plans.length,
	});
}

/** What was spent of what is allowed, by asset. */
function spent(wallet: Wallet, { rules, assets }: Configuration): object[] {
	return wallet.spent().map(({ network, asset, spent, reserved }) => {
		let allowed: Uint8Array = new Uint8Array(32);
		for (const rule of rules) {
			const isOfAsset = rule.asset.network === network && rule.asset.address === asset;
			if (isOfAsset) allowed = uint256.addCapped(allowed, rule.maxForLife);
		}
		const known = assets.find((each) => each.network === network && each.address === asset);
		return {
			network,
			asset,
			amount: uint256.toDecimal(spent),
			reserved: uint256.toDecimal(reserved),
			allowed: uint256.toDecimal(allowed),
			...(known !== undefined && { symbol: known.symbol, decimals: known.decimals }),
		};
	});
}
