/** Spending compared with what the rules allow, for people. */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Configuration } from "../configuration/configuration.js";
import type { Rule } from "../wallet/rule.js";
import type { Wallet } from "../wallet/wallet.js";

/** The spending of one asset: base units, decimal. */
export interface SpentOfAsset {
	readonly network: string;
	readonly asset: string;
	readonly amount: string;
	readonly reserved: string;
	readonly allowed: string;
	/** Only if the configuration still names the asset. */
	readonly symbol?: string;
	readonly decimals?: number;
}

export function spentByAsset(wallet: Wallet, { rules, assets }: Configuration): SpentOfAsset[] {
	return wallet.spent().map(({ network, asset, spent, reserved }) => {
		const known = assets.find((each) => each.network === network && each.address === asset);
		return {
			network,
			asset,
			amount: uint256.toDecimal(spent),
			reserved: uint256.toDecimal(reserved),
			allowed: allowedOf(rules, network, asset),
			...(known !== undefined && { symbol: known.symbol, decimals: known.decimals }),
		};
	});
}

/** Returns the total that the rules allow for life for one asset: base units, decimal. */
export function allowedOf(rules: readonly Rule[], network: string, asset: string): string {
	let allowed: Uint8Array = new Uint8Array(32);
	for (const rule of rules) {
		const isOfAsset = rule.asset.network === network && rule.asset.address === asset;
		if (isOfAsset) allowed = uint256.addCapped(allowed, uint256.fromDecimal(rule.maxForLife));
	}
	return uint256.toDecimal(allowed);
}
