/**
 * The markets in this image: those that `list.json`, a Moddable manifest, includes. XS builds generate this module from it
 * (tools/xs/build.ts); Node uses `hal/node/markets.ts` instead, and Moddable `hal/moddable/markets.ts`.
 */
import type { MarketKind } from "./market.js";

export declare const markets: readonly MarketKind[];
