/** The device's state, shared by the console and the display. */
import type { Agent } from "../agent/agent.js";
import type { Configuration } from "../configuration/configuration.js";
import { WALLET_EMPTY } from "../wallet/record.js";
import type { Wallet } from "../wallet/wallet.js";

export interface DeviceState {
	/** Monotonic milliseconds. */
	readonly startedAt: number;
	/** As much as could be read at the start. */
	configuration: Configuration | undefined;
	wallet: Wallet | undefined;
	agent: Agent | undefined;
	isPaused: boolean;
	/** The error that stopped the agent, or the last error. */
	error: { readonly name: string; readonly message: string } | undefined;
	/** The address at which the owner tops up a market account. */
	checkout: string | undefined;
}

/** Applies an event of the agent or of a market to the state. */
export function applyEvent(device: DeviceState, event: object): void {
	const { event: kind, name, message, url, state, outcome, detail } = event as Readonly<Record<string, string>>;
	// Every device's first run: its owner has to act.
	if (kind === "purchase" && outcome === WALLET_EMPTY) device.error = { name: outcome, message: detail ?? "" };
	if (kind === "error") device.error = { name: name ?? "", message: message ?? "" };
	// An empty address ends it.
	if (kind === "checkout") device.checkout = url === "" ? undefined : url;
	if (kind === "purchase" && state === "delivered") device.error = device.checkout = undefined;
}
