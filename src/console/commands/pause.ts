import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";

export const pause: Command = Object.freeze({
	name: "pause",
	isLight: true,
	help: Object.freeze([
		"pause  stops new purchases until resume, even after a restart",
		"  Authorized purchases continue: sending the same payment again never pays twice.",
	]),
	run(args, { settings, device, changed }) {
		args.end();
		settings.pause(true);
		device.isPaused = true;
		changed();
		return { paused: true };
	},
} satisfies Command);

export const resume: Command = Object.freeze({
	name: "resume",
	isLight: true,
	help: Object.freeze(["resume [plan]  ends a pause; with a plan's name, ends the pause of that plan"]),
	run(args, session) {
		const { settings, device, changed } = session;
		const plan = args.next();
		args.end();
		if (plan !== undefined) return resumePlan(session, plan);
		settings.pause(false);
		device.isPaused = false;
		changed();
		return { paused: false };
	},
} satisfies Command);

/** Throws `ConsoleError` `NotFound`. */
function resumePlan({ device: { agent }, scheduleRestart }: Session, plan: string): object {
	if (agent?.resume(plan) !== true) {
		throw new ConsoleError("NotFound", 'no plan of that name is paused: "status" lists those that are');
	}
	// An agent that has nothing else to do has ended.
	if (agent.doing === "done") scheduleRestart("a plan was resumed");
	return { plan, paused: false };
}

export const restart: Command = Object.freeze({
	name: "restart",
	isLight: true,
	help: Object.freeze(["restart  restarts the device; a purchase in progress is resumed"]),
	run(args, { scheduleRestart }) {
		args.end();
		scheduleRestart("requested at the console");
		return {};
	},
} satisfies Command);
