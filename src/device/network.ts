/** A board's radio, as the owner's console sets it up. */
export interface Wifi {
	/** Keeps the network's name and password, durably, and connects with them. An empty name forgets what was kept. */
	set(ssid: string, password: string): void;
	readonly state: WifiState;
	/** Of the network that was set; empty when none was. */
	readonly ssid: string;
}

export type WifiState = "unset" | "connecting" | "connected";
