/** Facts that are safe to publish: nothing that can pay, and nothing that opens an account. */

import { VERSION } from "../../version.js";
import { addressIn } from "../address.js";
import { page } from "../answer.js";
import type { Command, Session } from "../command.js";
import { publicAsset, publicPlan, publicRule } from "../describe.js";
import { numberIn } from "../number.js";
import { keysOf } from "./key.js";
import { limitsOf } from "./limits.js";

export const exportFacts: Command = Object.freeze({
	name: "export",
	isLight: false,
	help: Object.freeze([
		"export [from]  lists facts that are safe to publish: addresses, public keys, rules, plans, limits",
		"  As many as fit on a line; next says how to continue. It has no accounts, no passwords and no headers of plans.",
	]),
	run(args, session) {
		const from = numberIn(args, "from", 0, 999, 0);
		const { items, next } = page(displayStateOf(session), from);
		return { facts: items, ...(next !== undefined && { next: `export ${next}` }) };
	},
} satisfies Command);

function* displayStateOf(session: Session): Generator<object> {
	const { device, keys } = session;
	yield { device: { version: VERSION, address: addressIn(device, keys), paused: device.isPaused } };
	for (const key of keysOf(keys)) yield { key };
	const { configuration, wallet } = device;
	if (configuration === undefined) return;
	for (const { id } of configuration.networks) yield { network: { id } };
	for (const asset of configuration.assets) yield { asset: publicAsset(asset) };
	for (const rule of configuration.rules) yield { rule: publicRule(rule) };
	for (const plan of configuration.plans) yield { plan: publicPlan(plan) };
	for (const market of configuration.markets.keys()) yield { market };
	if (wallet !== undefined) for (const limit of limitsOf(session)) yield { limit };
}
