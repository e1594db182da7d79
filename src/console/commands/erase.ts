import { addressIn } from "../address.js";
import type { Command } from "../command.js";
import { eraseAll } from "../erase.js";
import { keysOf } from "./key.js";

export const erase: Command = Object.freeze({
	name: "erase",
	isLight: false,
	help: Object.freeze([
		"erase  erases everything: keys, rules, plans, accounts, Wi-Fi, bought data and the ledger; asks for a code",
		"  Without a copy of its key, money at the address is lost.",
	]),
	run(args, session) {
		args.end();
		const { device, keys, confirmation, scheduleRestart } = session;
		const slots: number[] = [];
		for (const { slot } of keysOf(keys)) slots.push(slot);
		const address = addressIn(device, keys);
		const act = () => {
			eraseAll(session);
			scheduleRestart("erased");
			return { erased: "all" };
		};
		const money = address === "" ? [] : [`money at ${address} is lost unless there is a copy of its key`];
		const what = `erase the keys in slots ${slots.join(", ") || "none"}, and all settings, bought data and records`;
		return { would: [what, ...money], ...confirmation.ask(session, `erase ${slots.join()}`, act) };
	},
} satisfies Command);
