/** The console's commands, in the order in which help lists them. */

import type { Command } from "./command.js";
import { address } from "./commands/address.js";
import { balance } from "./commands/balance.js";
import { confirm } from "./commands/confirm.js";
import { data } from "./commands/data.js";
import { asset, network, plan, rule } from "./commands/entries.js";
import { erase } from "./commands/erase.js";
import { exportFacts } from "./commands/export.js";
import { key } from "./commands/key.js";
import { ledger } from "./commands/ledger.js";
import { limits } from "./commands/limits.js";
import { market } from "./commands/market.js";
import { pause, restart, resume } from "./commands/pause.js";
import { settings } from "./commands/settings.js";
import { status } from "./commands/status.js";
import { time } from "./commands/time.js";
import { wifi } from "./commands/wifi.js";
import { ConsoleError } from "./errors.js";

const help: Command = Object.freeze({
	name: "help",
	isLight: true,
	help: Object.freeze(["help [command]  lists the commands, or explains one"]),
	run(args) {
		const name = args.next();
		args.end();
		if (name !== undefined) return { help: linesOf(commandOf(name)) };
		return HELP;
	},
} satisfies Command);

/** Copies the lines: XS cannot stringify an object in ROM. */
function linesOf({ help }: Command): string[] {
	return [...help];
}

const COMMANDS: readonly Command[] = Object.freeze([
	status,
	address,
	balance,
	limits,
	ledger,
	data,
	wifi,
	time,
	key,
	network,
	asset,
	rule,
	plan,
	market,
	settings,
	confirm,
	pause,
	resume,
	exportFacts,
	restart,
	erase,
	help,
]);

/**
 * Precomputed, in ROM: it is the longest answer that is given during a purchase. It does not use `answerOf`, because the SDK
 * evaluates this while linking, where there is no TextEncoder.
 */
const HELP = JSON.stringify({
	ok: true,
	help: COMMANDS.map(({ help }) => help[0]),
	more: 'help and a command, such as "help rule"',
});

/** Finds a command. Throws `ConsoleError` `CommandUnknown`, which lists the commands. */
export function commandOf(name: string): Command {
	const command = COMMANDS.find((each) => each.name === name);
	if (command !== undefined) return command;
	const names = COMMANDS.map((each) => each.name).join(", ");
	throw new ConsoleError("CommandUnknown", `unknown command: expected one of ${names}`);
}
