import type { Command } from "../command.js";

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
	help: Object.freeze(["resume  ends a pause"]),
	run(args, { settings, device, changed }) {
		args.end();
		settings.pause(false);
		device.isPaused = false;
		changed();
		return { paused: false };
	},
} satisfies Command);

export const restart: Command = Object.freeze({
	name: "restart",
	isLight: true,
	help: Object.freeze(["restart  restarts the device; a purchase in progress is resumed"]),
	run(args, { startAnew }) {
		args.end();
		startAnew("requested at the console");
		return {};
	},
} satisfies Command);
