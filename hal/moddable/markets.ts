/** The markets in this image: those whose manifests `src/markets/list.json` includes. */
import config from "mc/config";
import type { MarketKind } from "../../src/markets/market.js";

export async function markets(): Promise<MarketKind[]> {
	const kinds: MarketKind[] = [];
	for (const name of Object.keys(config.markets as Record<string, true>)) {
		const { kind } = (await import(`micropayer/src/markets/${name}/kind`)) as { kind: MarketKind };
		kinds.push(kind);
	}
	return kinds;
}
