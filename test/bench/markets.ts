/**
 * What a market takes of a device: its plans of a day (`test/markets/day.ts`), on XS, on a device of their own that has all
 * four markets in its firmware.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildXs } from "../../hal/host/build.js";
import { type FirmwareEvent, runFirmware } from "../../hal/host/firmware.js";
import { plans, startDay } from "../markets/day.js";

export interface MarketRow {
	readonly bench: "market";
	readonly market: string;
	readonly purchases: number;
	readonly requests: number;
	readonly sent: number;
	readonly received: number;
	/** Bytes, at the peak of the run. */
	readonly peak: number;
	readonly slots: number;
	readonly chunks: number;
	readonly meter: number;
}

export async function marketsBench(): Promise<MarketRow[]> {
	const rows: MarketRow[] = [];
	for (const market of new Set(plans.map((plan) => plan.market))) rows.push(await marketBench(market));
	return rows;
}

async function marketBench(market: string): Promise<MarketRow> {
	const build = await buildXs();
	const day = await startDay();
	const flash = await mkdtemp(path.join(tmpdir(), "micropayer-bench-"));
	try {
		const run = async (configuration: string) => {
			const events: FirmwareEvent[] = [];
			const onEvent = (event: FirmwareEvent) => events.push(event);
			return { events, result: await runFirmware({ engine: "xs", build, flash, configuration, onEvent }) };
		};
		const boot = await run(day.configuration());
		const wallet = boot.events.find(({ event }) => event === "start")?.address;
		const agent = boot.events.find(({ event }) => event === "account")?.agent;
		await day.fund(String(wallet), String(agent));
		const { events, result } = await run(day.configuration(plans.filter((plan) => plan.market === market)));
		const purchases = events.filter(({ event }) => event === "purchase");
		if (result.exitCode !== 0 || purchases.some(({ state, expected }) => state !== expected)) {
			throw new Error(`${market}: the device ended by ${result.reason ?? JSON.stringify(purchases)}`);
		}
		const sum = (field: string) => purchases.reduce((total, purchase) => total + Number(purchase[field]), 0);
		const { peak, slotsPeak, chunksPeak } = result.heap!;
		return {
			bench: "market",
			market,
			purchases: purchases.length,
			requests: sum("requests"),
			sent: sum("bytesSent"),
			received: sum("bytesReceived"),
			peak,
			slots: slotsPeak,
			chunks: chunksPeak,
			meter: result.meter! - boot.result.meter!,
		};
	} finally {
		await rm(flash, { recursive: true });
		await day.stop();
	}
}
