/** Accounts at markets. What is set is secret: names alone are ever shown. */
import { readConfiguration } from "../../configuration/configuration.js";
import type { Command } from "../command.js";
import { ConsoleError } from "../errors.js";
import { checkNotFixed } from "../fixed.js";

export const market: Command = Object.freeze({
	name: "market",
	isLight: false,
	help: Object.freeze([
		"market [set|remove] …  accounts at markets, of which only the names are shown. Alone: those there are",
		'  market set <market> {…}   such as: market set pactum {"apiKey":"…"}; docs/markets.md has the fields',
		"  market remove <market>    when no plan and no asset names it any more",
	]),
	run(args, session) {
		const what = args.next();
		const { settings, device, keys, confirmation, startAnew, tryMarket } = session;
		if (what === undefined) {
			return { markets: session.isFixed ? [...(device.configuration?.markets.keys() ?? [])] : settings.accounts };
		}
		if (what !== "set" && what !== "remove") {
			throw new ConsoleError("WordExpected", "expected set or remove, or nothing: see help market");
		}
		checkNotFixed(session);
		const name = args.expect("a market's name");
		const change = settings.market(name, what === "set" ? args.json("the account") : undefined);
		args.end();
		if (what === "remove" && !settings.accounts.includes(name)) {
			throw new ConsoleError("NotFound", 'there is no account at that market: "market" lists those there are');
		}
		const { markets } = readConfiguration(settings.source(change), keys);
		if (what === "set") tryMarket(name, markets.get(name)!);
		confirmation.drop();
		settings.commit(change);
		startAnew("configuration changed");
		return what === "set" ? { set: name } : { removed: name };
	},
} satisfies Command);
