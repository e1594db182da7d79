/** Display states of all kinds, and a stand-in for the fonts. */

import type { Measure } from "../../modules/display/items.js";
import { SAMPLE } from "../../modules/display/sample/state.js";
import type { DisplayState } from "../../src/device/display.js";
import type { WifiState } from "../../src/device/network.js";

export const SCREENS = [
	{ width: 320, height: 240 },
	{ width: 240, height: 320 },
	{ width: 240, height: 240 },
] as const;

/** Advances of Open Sans lie between 4 ("i") and 15 ("W") pixels; as if all letters were as wide as one. */
export function everyLetter(width: number): Measure {
	return (text, style) => text.length * (style === "figure" ? 2 * width : width);
}

const USDC = SAMPLE.spent[0]!;
const LONG = "a name that is much longer than any screen of these is wide, ".repeat(4);
const ALL_OF_IT = { symbol: "WETH", decimals: 18, amount: "1", allowed: `${2n ** 256n - 1n}` } as const;

const SPENT: readonly DisplayState["spent"][] = [
	[],
	[USDC],
	[ALL_OF_IT],
	[{ ...USDC, symbol: LONG }],
	[USDC, ALL_OF_IT],
	Array(9).fill(USDC) as DisplayState["spent"],
];
const LAST: readonly DisplayState["last"][] = [undefined, SAMPLE.last, { plan: LONG, state: LONG, price: LONG, at: 0 }];
const CHECKOUT = [
	undefined,
	...[60, 106, 107, 300, 560, 900].map((length) => `https://pay.example/${"x".repeat(length - 20)}`),
];
const ADDRESS = [SAMPLE.address, ""];
const NETWORK: readonly (WifiState | undefined)[] = [undefined, "unset", "connecting", "connected"];
const ERROR: readonly DisplayState["error"][] = [
	undefined,
	{ name: "OverWindowCap", message: "no" },
	{ name: LONG, message: LONG },
];

/** Every combination. */
export function* allStates(): Iterable<DisplayState> {
	for (const address of ADDRESS)
		for (const spent of SPENT)
			for (const last of LAST)
				for (const checkout of CHECKOUT)
					for (const network of NETWORK)
						for (const error of ERROR)
							for (const wall of [undefined, SAMPLE.wall])
								for (const isPaused of [false, true])
									yield { ...SAMPLE, address, spent, last, checkout, network, error, wall, isPaused };
}
