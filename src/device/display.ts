/** A screen, and what it is given to show. */
import type { WifiState } from "./network.js";

/** A screen. */
export interface Display {
	show(facts: DisplayState): void;
}

/** What an owner wants to see at a glance. */
export interface DisplayState {
	/** The wallet's, EIP-55. */
	readonly address: string;
	/** Where the owner is to pay to fill up an account at a market, when one is to be filled up. */
	readonly checkout: string | undefined;
	/** By asset; amounts in base units, decimal. */
	readonly spent: readonly {
		readonly symbol: string;
		readonly decimals: number;
		readonly amount: string;
		readonly allowed: string;
	}[];
	readonly last:
		| { readonly plan: string; readonly state: string; readonly price: string; readonly at: number }
		| undefined;
	readonly network: WifiState | undefined;
	/** Milliseconds since the epoch, or `undefined` while wall time is not set. */
	readonly wall: number | undefined;
	readonly isPaused: boolean;
	readonly error: { readonly name: string; readonly message: string } | undefined;
}
