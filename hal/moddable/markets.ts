/** The markets in this image: those whose manifest (src/markets/NAME/manifest.json) the app's manifest includes. */
import config from "mc/config";
import type { ShopKind } from "../../src/agent/shops/shop.js";

export async function markets(): Promise<ShopKind[]> {
	const kinds: ShopKind[] = [];
	for (const [name, exported] of Object.entries(config.markets as Record<string, string>)) {
		const shop = (await import(`micropayer/src/agent/shops/${name}`)) as Record<string, ShopKind>;
		kinds.push(shop[exported]!);
	}
	return kinds;
}
