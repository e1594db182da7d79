import { addressIn } from "../address.js";
import type { Command } from "../command.js";
import { eraseAll } from "../erase.js";
import { keysOf } from "./key.js";

export const erase: Command = Object.freeze({
	name: "erase",
	isLight: false,
	help: Object.freeze([
		"erase  all of it: keys, rules, plans, accounts, Wi-Fi, what was bought and the ledger; asks for a code",
		"  Money at the address is lost with a key that has no copy.",
	]),
	run(args, session) {
		args.end();
		const { device, keys, confirmation, startAnew } = session;
		const slots: number[] = [];
		for (const { slot } of keysOf(keys)) slots.push(slot);
		const address = addressIn(device, keys);
		const act = () => {
			eraseAll(session);
			startAnew("erased");
			return { erased: "all" };
		};
		const money = address === "" ? [] : [`what is at ${address} is lost unless there is a copy of its key`];
		const what = `erase the keys in slots ${slots.join(", ") || "none"}, and all that was set, bought and written down`;
		return { would: [what, ...money], ...confirmation.ask(session, `erase ${slots.join()}`, act) };
	},
} satisfies Command);
