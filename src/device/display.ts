/** A screen, and the state that it shows. */
import type { WifiState } from "./network.js";

export interface Display {
	show(state: DisplayState): void;
}

/** What an owner sees at a glance. */
export interface DisplayState {
	/** The wallet's address (EIP-55), or "" as long as there is no key. */
	readonly address: string;
	/** The address at which the owner tops up a market account, while a top-up is due. */
	readonly checkout: string | undefined;
	/** By asset; amounts in base units, decimal. */
	readonly spent: readonly SpentOfAsset[];
	readonly last: LastPurchase | undefined;
	/** `undefined` on a board without Wi-Fi. */
	readonly network: WifiState | undefined;
	/** Milliseconds since the epoch, or `undefined` while wall time is not set. */
	readonly wall: number | undefined;
	readonly isPaused: boolean;
	readonly error: { readonly name: string; readonly message: string } | undefined;
}

export interface SpentOfAsset {
	readonly symbol: string;
	readonly decimals: number;
	readonly amount: string;
	/** What the rules allow for life. */
	readonly allowed: string;
}

export interface LastPurchase {
	readonly plan: string;
	readonly state: string;
	readonly price: string;
	/** Milliseconds since the epoch. */
	readonly at: number;
}
