/** What was spent of what the rules allow, for people. */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Wallet } from "../wallet/wallet.js";
import type { Configuration } from "./configuration.js";

/** Of one asset: base units, decimal. */
export interface SpentOfAsset {
	readonly network: string;
	readonly asset: string;
	readonly amount: string;
	readonly reserved: string;
	readonly allowed: string;
	/** Of an asset that the configuration still names. */
	readonly symbol?: string;
	readonly decimals?: number;
}

export function spentByAsset(wallet: Wallet, { rules, assets }: Configuration): SpentOfAsset[] {
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
