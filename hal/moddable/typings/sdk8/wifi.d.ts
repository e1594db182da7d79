declare module "embedded:network/interface/wifi" {
	export default class WiFi {
		constructor(options: { onChanged?: (property: "connection" | "address") => void });
		close(): void;
		connect(options: { SSID: string; password?: string }): void;
		disconnect(): void;
		readonly connection: number;
	}
}
