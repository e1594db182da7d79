import * as uint256 from "../../../modules/encoding/uint256.js";
import type { Rule } from "../../wallet/rule.js";
import type { Wallet } from "../../wallet/wallet.js";
import { page } from "../answer.js";
import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";
import { money } from "../money.js";
import { numberIn } from "../number.js";

export const limits: Command = Object.freeze({
	name: "limits",
	isLight: false,
	help: Object.freeze([
		"limits [from]  shows for each rule what is used of its limits, in its window and for life",
		"  used includes reserved, which is for purchases whose outcome is still open.",
	]),
	run(args, session) {
		const from = numberIn(args, "from", 0, 64, 0);
		const { items, next } = page(limitsOf(session), from);
		return { limits: items, ...(next !== undefined && { next: `limits ${next}` }) };
	},
} satisfies Command);

/** Yields the limits of each rule. Throws `ConsoleError` `NotFound` if the agent has not started. */
export function* limitsOf({ device }: Session): Generator<object> {
	const { wallet, configuration } = device;
	if (wallet === undefined || configuration === undefined) {
		throw new ConsoleError("NotFound", 'the agent has not started: "status" says why');
	}
	for (const rule of configuration.rules) yield limitOf(rule, wallet);
}

function limitOf(rule: Rule, wallet: Wallet): object {
	const { name, asset, maxPerWindow, maxForLife, maxCountPerWindow, windowSeconds } = rule;
	const { window, windowCount, life } = wallet.spending(rule);
	let reserved: Uint8Array = new Uint8Array(32);
	for (const purchase of wallet.purchases()) {
		const isOpen = purchase.state === "intended" || purchase.state === "authorized";
		if (isOpen && purchase.rule === name) reserved = uint256.add(reserved, purchase.amount);
	}
	return {
		rule: name,
		window: { used: money(window, asset), allowed: money(maxPerWindow, asset), seconds: windowSeconds },
		count: { used: windowCount, allowed: maxCountPerWindow },
		life: { used: money(life, asset), allowed: money(maxForLife, asset) },
		reserved: money(reserved, asset),
	};
}
