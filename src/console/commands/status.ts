import { seconds } from "../../device/clock.js";
import { VERSION } from "../../version.js";
import { addressIn } from "../address.js";
import type { Command } from "../command.js";
import { lastPurchase } from "../display_state.js";

export const status: Command = Object.freeze({
	name: "status",
	isLight: true,
	help: Object.freeze([
		"status  shows what the device is doing, its clock and network, the last purchase and the next plan",
		"  uptimeSeconds counts from the last start; startedBy is its cause, if the board knows it.",
	]),
	run(args, { device, keys, clock, wifi, startedBy }) {
		args.end();
		const wall = clock.wall();
		const { agent, wallet, error, checkout, isPaused } = device;
		const now = seconds(clock);
		const next = now === undefined ? undefined : agent?.nextDue(now);
		const pausedPlans = (agent?.pausedPlans ?? []).map(({ until, ...pause }) => ({
			...pause,
			...(until !== undefined && { until: isoOf(until * 1_000) }),
		}));
		const last = wallet === undefined ? undefined : lastPurchase(device, wallet);
		return {
			version: VERSION,
			uptimeSeconds: Math.floor((clock.monotonic() - device.startedAt) / 1_000),
			...(startedBy !== undefined && { startedBy }),
			time: wall === undefined ? null : isoOf(wall),
			...(wifi !== undefined && { wifi: { ssid: wifi.ssid, state: wifi.state } }),
			address: addressIn(device, keys),
			paused: isPaused,
			doing: agent?.doing ?? (error === undefined ? "starting" : "stopped"),
			...(pausedPlans.length > 0 && { pausedPlans }),
			...(next !== undefined && { next: { plan: next.plan, at: isoOf(next.at * 1_000) } }),
			...(last !== undefined && { last: { ...last, at: isoOf(last.at) } }),
			...(checkout !== undefined && { checkout }),
			...(error !== undefined && { error }),
		};
	},
} satisfies Command);

function isoOf(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
