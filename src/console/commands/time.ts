import type { Command } from "../command.js";
import { ConsoleError } from "../errors.js";

/** 2025-01-01 and 2100-01-01. */
const EARLIEST = 1_735_689_600_000;
const LATEST = 4_102_444_800_000;

export const time: Command = Object.freeze({
	name: "time",
	isLight: true,
	help: Object.freeze([
		"time [2026-11-21T12:00:00Z]  sets the clock, until the network corrects it. Alone: shows it",
		"  Also takes milliseconds since the epoch. Moving it forward asks for a code: windows and signatures depend on it.",
	]),
	run(args, session) {
		const { clock, setWall, confirmation, changed } = session;
		const word = args.next();
		args.end();
		const before = clock.wall();
		if (word === undefined) return { time: before === undefined ? null : new Date(before).toISOString() };
		if (setWall === undefined) throw new ConsoleError("NoClock", "this board's clock cannot be set");
		const started = clock.monotonic();
		const wanted = timeOf(word);
		const set = () => {
			// The given time is that of the command, not of the confirmation.
			setWall(wanted + (clock.monotonic() - started));
			changed();
			return { time: new Date(clock.wall() ?? wanted).toISOString() };
		};
		confirmation.drop();
		// However small the step: many small steps add up.
		if (before !== undefined && wanted <= before) return set();
		const to = new Date(wanted).toISOString();
		return { would: [`set the clock to ${to}`], ...confirmation.ask(session, `time ${to}`, set) };
	},
} satisfies Command);

/** Throws `ConsoleError` `TimeImplausible`. */
function timeOf(word: string): number {
	const isIso =
		/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/.test(word);
	const time = isIso ? Date.parse(word) : /^[0-9]{12,14}$/.test(word) ? Number(word) : Number.NaN;
	if (time >= EARLIEST && time < LATEST) return time;
	throw new ConsoleError("TimeImplausible", "expected a time between 2025 and 2100, such as 2026-11-21T12:00:00Z");
}
