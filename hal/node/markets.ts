/** The markets that a list includes: `src/markets/list.json`, the manifest that a Moddable app includes too. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { MarketCatalogue } from "../../src/markets/catalogue.js";
import type { MarketKind } from "../../src/markets/market.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Relative to the project's root. */
export const MARKET_LIST = "src/markets/list.json";

/** The folders of the listed markets, relative to the project's root. */
export function marketFolders(list = MARKET_LIST): string[] {
	const { include } = JSON.parse(readFileSync(path.join(ROOT, list), "utf8")) as { include: readonly string[] };
	return include.map((manifest) => path.join(path.dirname(list), path.dirname(manifest)));
}

export interface ListedMarket {
	readonly kind: MarketKind;
	readonly catalogue: MarketCatalogue;
}

/** The listed markets with their catalogues, for commands and documents. */
export async function listedMarkets(list = MARKET_LIST): Promise<ListedMarket[]> {
	const kinds = await readMarkets(list);
	const files = marketFolders(list).map((folder) => import(path.join(ROOT, folder, "catalogue.ts")));
	const catalogues = (await Promise.all(files)) as readonly { catalogue: MarketCatalogue }[];
	return kinds.map((kind, i) => ({ kind, catalogue: catalogues[i]!.catalogue }));
}

export async function readMarkets(list = MARKET_LIST): Promise<MarketKind[]> {
	const modules = marketFolders(list).map((folder) => import(path.join(ROOT, folder, "kind.ts")));
	return (await Promise.all(modules)).map(({ kind }: { kind: MarketKind }) => kind);
}
