import type { Command } from "../command.js";

export const pause: Command = Object.freeze({
	name: "pause",
	isLight: true,
	help: Object.freeze([
		"pause  begins no purchase until resume, restarts included",
		"  What has been authorized is gone on with: the same payment again is never another one.",
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
	help: Object.freeze(["restart  starts the device anew; a purchase that is under way is gone on with"]),
	run(args, { startAnew }) {
		args.end();
		startAnew("the owner's word");
		return {};
	},
} satisfies Command);
