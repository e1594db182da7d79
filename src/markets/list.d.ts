/**
 * The markets in this image: those that `list.json` includes, a Moddable manifest. XS builds make this module from it
 * (tools/xs/build.ts), Node has `hal/node/markets.ts` in its place, and Moddable `hal/moddable/markets.ts`.
 */
import type { MarketKind } from "./market.js";

export declare const markets: readonly MarketKind[];
