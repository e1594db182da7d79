/** The markets in this firmware. One that is not listed here is not in the image. */
import { agentPmtMarket } from "./agentpmt/kind.js";
import type { MarketKind } from "./market.js";
import { pactMarket } from "./pact/kind.js";
import { pactumMarket } from "./pactum/kind.js";
import { payanAgentMarket } from "./payanagent/kind.js";

export const markets: readonly MarketKind[] = Object.freeze([
	pactumMarket,
	pactMarket,
	agentPmtMarket,
	payanAgentMarket,
]);
