/** The markets in this image: those whose manifest (src/markets/NAME/manifest.json) the app's manifest includes. */
import config from "mc/config";
import type { MarketKind } from "../../src/markets/market.js";

export async function markets(): Promise<MarketKind[]> {
	const kinds: MarketKind[] = [];
	for (const [name, exported] of Object.entries(config.markets as Record<string, string>)) {
		const shop = (await import(`micropayer/src/markets/${name}/kind`)) as Record<string, MarketKind>;
		kinds.push(shop[exported]!);
	}
	return kinds;
}
