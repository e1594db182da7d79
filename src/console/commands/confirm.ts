import type { Command } from "../command.js";

export const confirm: Command = Object.freeze({
	name: "confirm",
	isLight: true,
	help: Object.freeze([
		"confirm <code>  makes the change that asked for a code",
		"  Within two minutes, and before any other change; three wrong codes cancel it.",
	]),
	run(args, session) {
		const code = args.expect("the code of six digits");
		args.end();
		return session.confirmation.take(session, code);
	},
} satisfies Command);
