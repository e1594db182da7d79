/** The state in the README's picture: an ordinary moment. */
import type { DisplayState } from "../../../src/device/display.js";

const NOW = Date.UTC(2026, 10, 21, 14, 32);

export const SAMPLE: DisplayState = {
	address: "0xfEf8b108e8585055dB6313CDa583b3DdbB33cBE3",
	checkout: undefined,
	spent: [{ symbol: "USDC", decimals: 6, amount: "1430000", allowed: "5000000" }],
	last: { plan: "temperature", state: "delivered", price: "0.01 USDC", at: NOW - 120_000 },
	network: "connected",
	wall: NOW,
	isPaused: false,
	error: undefined,
};
