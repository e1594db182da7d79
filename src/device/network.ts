/** A board's Wi-Fi, as the owner sets it up at the console. */
export interface Wifi {
	/** Stores the network's name and password in flash and connects. An empty name forgets the stored network. */
	set(ssid: string, password: string): void;
	readonly state: WifiState;
	/** The name of the stored network, or "". */
	readonly ssid: string;
}

export type WifiState = "unset" | "connecting" | "connected";
