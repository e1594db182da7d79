/** The markets in this firmware. One that is not listed here is not in the image. */
import { agentPmtShop } from "../src/agent/shops/agentpmt.js";
import { pactShop } from "../src/agent/shops/pact.js";
import { pactumShop } from "../src/agent/shops/pactum.js";
import { payanAgentShop } from "../src/agent/shops/payanagent.js";
import type { ShopKind } from "../src/agent/shops/shop.js";

export const markets: readonly ShopKind[] = Object.freeze([pactumShop, pactShop, agentPmtShop, payanAgentShop]);
