import { originIn } from "../kit/origin.js";
import type { MarketDeps, MarketKind } from "../market.js";
import { Pact } from "./pact.js";
import { agentOf } from "./signature.js";

function reportAgent({ keys, log }: MarketDeps, slot: number): void {
	if (keys.curve(slot) === undefined) keys.create(slot, "ed25519");
	log({ event: "account", market: "pact", agent: agentOf(keys, slot) });
}

/** Pact Network Market. With `slot`, calls are signed and insured; an empty slot gets a new key, whose agent is logged. */
export const kind: MarketKind = Object.freeze({
	name: "pact",
	title: "Pact Network Market",
	open(field, deps) {
		const { betaKey, slot, gateway, indexer, network, project } = field.members(
			...(["betaKey", "slot", "gateway", "indexer", "network", "project"] as const),
		);
		const origin = originIn(gateway, "https://market.pactnetwork.io");
		const market = new Pact(deps, {
			betaKey: betaKey.secret(256),
			...(!slot.isMissing && { slot: slot.integer(0, 255) }),
			gateway: origin,
			indexer: originIn(indexer, "https://indexer.pactnetwork.io"),
			...(!network.isMissing && { network: network.text(32) }),
			...(!project.isMissing && { project: project.text(64) }),
		});
		if (!slot.isMissing) reportAgent(deps, slot.integer(0, 255));
		return { market, origin };
	},
} satisfies MarketKind);
