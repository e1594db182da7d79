/** What goes on in the device, as its entry knows it: the console and the display read it. */
import type { Agent } from "../agent/agent.js";
import type { Configuration } from "../configuration/configuration.js";
import type { Wallet } from "../wallet/wallet.js";

export interface DeviceState {
	/** Monotonic milliseconds. */
	readonly startedAt: number;
	/** As far as the device got with starting. */
	configuration: Configuration | undefined;
	wallet: Wallet | undefined;
	agent: Agent | undefined;
	isPaused: boolean;
	/** What stopped the agent, or went wrong last. */
	error: { readonly name: string; readonly message: string } | undefined;
	/** Where the owner is to pay to fill up an account at a market. */
	checkout: string | undefined;
}

/** Takes down what an event of the agent, or of a market, says about the whole. */
export function applyEvent(device: DeviceState, event: object): void {
	const { event: kind, name, message, url, state } = event as Readonly<Record<string, string>>;
	if (kind === "error") device.error = { name: name ?? "", message: message ?? "" };
	// Without an address it is over.
	if (kind === "checkout") device.checkout = url === "" ? undefined : url;
	if (kind === "purchase" && state === "delivered") device.error = device.checkout = undefined;
}
