import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";

export const settings: Command = Object.freeze({
	name: "settings",
	isLight: false,
	help: Object.freeze([
		"settings [accept]  checks whether flash holds everything that was set",
		"  settings accept  if the index of the settings is lost: takes what flash holds as set; asks for a code, and pauses",
	]),
	run(args, session) {
		const action = args.next();
		args.end();
		const damage = damageOf(session);
		if (action === undefined) return damage === undefined ? { settings: "whole" } : { settings: damage.message };
		if (action !== "accept") throw new ConsoleError("WordExpected", 'expected accept, or nothing: see "help settings"');
		if (damage === undefined) {
			throw new ConsoleError("NothingToConfirm", "flash holds everything that was set: there is nothing to accept");
		}
		return accept(session);
	},
} satisfies Command);

function damageOf({ settings }: Session): Error | undefined {
	try {
		settings.check();
		return undefined;
	} catch (error) {
		return error as Error;
	}
}

function accept(session: Session): object {
	const { settings, confirmation, scheduleRestart } = session;
	const names: string[] = [];
	for (const kind of ["rules", "plans"] as const) {
		for (const { name, value } of settings.entries(kind))
			if (value !== undefined) names.push(`${kind.slice(0, -1)} "${name}"`);
	}
	const would = [
		`accept as complete: ${names.join(", ") || "no rules and no plans"}`,
		"a lost rule limits nothing any more; the agent is paused until resume",
	];
	const act = () => {
		settings.accept();
		scheduleRestart("settings accepted");
		return { accepted: true };
	};
	return { would, ...confirmation.ask(session, `settings ${names.join()}`, act) };
}
