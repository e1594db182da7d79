/** Accounts at markets. The settings are secret: only names are ever shown. */
import { readConfiguration } from "../../configuration/configuration.js";
import type { Command } from "../command.js";
import { ConsoleError } from "../errors.js";
import { checkNotFixed } from "../fixed.js";

export const market: Command = Object.freeze({
	name: "market",
	isLight: false,
	help: Object.freeze([
		"market [set|remove] …  accounts at markets. Alone: lists their names; nothing else is ever shown",
		'  market set <market> {…}   for example: market set pactum {"apiKey":"…"}; docs/markets.md has the fields',
		"  market remove <market>    removes it, if no plan and no asset refers to it",
	]),
	run(args, session) {
		const what = args.next();
		const { settings, device, keys, confirmation, scheduleRestart, tryMarket } = session;
		if (what === undefined) {
			return { markets: session.isFixed ? [...(device.configuration?.markets.keys() ?? [])] : settings.accounts };
		}
		if (what !== "set" && what !== "remove") {
			throw new ConsoleError("WordExpected", 'expected set or remove, or nothing: see "help market"');
		}
		checkNotFixed(session);
		const name = args.expect("a market's name");
		const change = settings.market(name, what === "set" ? args.json("the account") : undefined);
		args.end();
		if (what === "remove" && !settings.accounts.includes(name)) {
			throw new ConsoleError("NotFound", 'there is no account at that market: "market" lists the accounts');
		}
		const { markets } = readConfiguration(settings.source(change), keys);
		if (what === "set") tryMarket(name, markets.get(name)!);
		confirmation.drop();
		settings.commit(change);
		scheduleRestart("configuration changed");
		return what === "set" ? { set: name } : { removed: name };
	},
} satisfies Command);
