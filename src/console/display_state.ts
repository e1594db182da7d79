/** What an owner wants to see at a glance, in the shape that a display of `hal.ts` takes. */
import * as uint256 from "../../modules/encoding/uint256.js";
import { allowedOf } from "../agent/spending.js";
import type { Clock } from "../device/clock.js";
import type { Wallet } from "../wallet/wallet.js";
import type { DeviceState } from "./device_state.js";
import { money } from "./money.js";

export function displayStateOf<State>(live: DeviceState, address: string, clock: Clock, network: State) {
	const { wallet, configuration, checkout, error, isPaused } = live;
	return {
		address,
		checkout,
		spent: wallet === undefined || configuration === undefined ? [] : spentOfKnown(live, wallet),
		last: wallet === undefined ? undefined : lastPurchase(live, wallet),
		network,
		wall: clock.wall(),
		isPaused,
		error,
	};
}

/** Of the assets that rules name, those that nothing was spent of too. */
function spentOfKnown({ configuration }: DeviceState, wallet: Wallet) {
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

/** The youngest purchase that the ledger knows. `at` in milliseconds since the epoch. */
export function lastPurchase({ configuration }: DeviceState, wallet: Wallet) {
	const last = wallet.purchases().at(-1);
	if (last === undefined) return undefined;
	const { plan, state, network, asset, amount, time } = last;
	const known = configuration?.assets.find((each) => each.network === network && each.address === asset);
	const isFree = asset === "";
	const price = isFree ? "free" : known === undefined ? uint256.toDecimal(amount) : money(amount, known);
	return { plan, state, price, at: time * 1_000 };
}
