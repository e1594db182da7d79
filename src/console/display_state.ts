/** Builds the state that a display shows. */
import * as uint256 from "../../modules/encoding/uint256.js";
import { allowedOf } from "../agent/spending.js";
import type { Clock } from "../device/clock.js";
import type { DisplayState, LastPurchase, SpentOfAsset } from "../device/display.js";
import type { WifiState } from "../device/network.js";
import type { Wallet } from "../wallet/wallet.js";
import type { DeviceState } from "./device_state.js";
import { money } from "./money.js";

export function displayStateOf(
	device: DeviceState,
	address: string,
	clock: Clock,
	network: WifiState | undefined,
): DisplayState {
	const { wallet, configuration, checkout, error, isPaused } = device;
	return {
		address,
		checkout,
		spent: wallet === undefined || configuration === undefined ? [] : spentOfKnown(device, wallet),
		last: wallet === undefined ? undefined : lastPurchase(device, wallet),
		network,
		wall: clock.wall(),
		isPaused,
		error,
	};
}

/** Lists every asset that a rule names, whether any of it was spent or not. */
function spentOfKnown({ configuration }: DeviceState, wallet: Wallet): SpentOfAsset[] {
	const { assets, rules } = configuration!;
	const sums = wallet.spent();
	return assets
		.filter((asset) => rules.some((rule) => rule.asset === asset))
		.map(({ network, address, symbol, decimals }) => {
			const sum = sums.find((each) => each.network === network && each.asset === address);
			const amount = sum === undefined ? "0" : uint256.toDecimal(sum.spent);
			return { symbol, decimals, amount, allowed: allowedOf(rules, network, address) };
		});
}

/** The newest purchase in the ledger. */
export function lastPurchase({ configuration }: DeviceState, wallet: Wallet): LastPurchase | undefined {
	const last = wallet.purchases().at(-1);
	if (last === undefined) return undefined;
	const { plan, state, network, asset, amount, time } = last;
	const known = configuration?.assets.find((each) => each.network === network && each.address === asset);
	const isFree = asset === "";
	const price = isFree ? "free" : known === undefined ? uint256.toDecimal(amount) : money(amount, known);
	return { plan, state, price, at: time * 1_000 };
}
