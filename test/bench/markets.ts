/**
 * What a market takes of a device: its plans of a day (`tools/demonstration/markets.ts`), on XS, on a device of their own that has all
 * four markets in its firmware.
 */
import { expectedEnds } from "../../tools/demonstration/expected_ends.js";
import { plans, startDay } from "../../tools/demonstration/markets.js";
import { type FirmwareEvent, runFirmware } from "../../tools/firmware.js";
import { endedAsExpected } from "../../tools/start/summary.js";
import { buildXs, type XsBuild } from "../../tools/xs/build.js";
import { type ImageModule, imageOf } from "../../tools/xs/image.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";

const MARKETS = [...new Set(plans.map((plan) => plan.market))];

export interface MarketRow {
	readonly bench: "market";
	readonly market: string;
	readonly purchases: number;
	readonly requests: number;
	readonly sent: number;
	readonly received: number;
	/** Bytes, at most in the run; the stack as reserved. */
	readonly taken: number;
	readonly slots: number;
	readonly chunks: number;
	readonly meter: number;
	/** Bytes of XS bytecode, of the modules that are the market's own: what a firmware without it has not. */
	readonly code: number;
}

export interface CodeRow {
	readonly bench: "code";
	readonly part: string;
	readonly modules: number;
	/** Bytes of XS bytecode. */
	readonly code: number;
}

export async function marketsBench(): Promise<MarketRow[]> {
	const build = await buildXs();
	const image = await imageOf(build);
	const rows: MarketRow[] = [];
	for (const market of MARKETS) {
		const { code } = codeOf(market, image.filter(isOf(market)));
		rows.push({ ...(await marketBench(build, market)), code });
	}
	return rows;
}

/** What the firmware's image is made of. The signer's C is beside it. */
export async function codeBench(): Promise<CodeRow[]> {
	const image = await imageOf(await buildXs());
	const isMarkets = ({ name }: ImageModule) => name.startsWith("src/markets/");
	const shared = (module: ImageModule) => isMarkets(module) && !MARKETS.some((market) => isOf(market)(module));
	return [
		...MARKETS.map((market) => codeOf(market, image.filter(isOf(market)))),
		codeOf("what markets share", image.filter(shared)),
		codeOf(
			"the agent without markets",
			image.filter((module) => !isMarkets(module)),
		),
		codeOf("the firmware", image),
	];
}

function codeOf(part: string, modules: readonly ImageModule[]): CodeRow {
	return { bench: "code", part, modules: modules.length, code: modules.reduce((sum, { code }) => sum + code, 0) };
}

/** Whether a module is the market's own. */
function isOf(market: string): (module: ImageModule) => boolean {
	return ({ name }) => name.startsWith(`src/markets/${market}/`);
}

async function marketBench(build: XsBuild, market: string): Promise<Omit<MarketRow, "code">> {
	const day = await startDay();
	const flash = temporaryFolder();
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
		if (!endedAsExpected(events, result, expectedEnds)) {
			throw new Error(`${market}: the device ended by ${result.reason ?? JSON.stringify(purchases)}`);
		}
		const sum = (field: string) => purchases.reduce((total, purchase) => total + Number(purchase[field]), 0);
		const { taken, slotsPeak, chunksPeak } = result.heap!;
		return {
			bench: "market",
			market,
			purchases: purchases.length,
			requests: sum("requests"),
			sent: sum("bytesSent"),
			received: sum("bytesReceived"),
			taken,
			slots: slotsPeak,
			chunks: chunksPeak,
			meter: result.meter! - boot.result.meter!,
		};
	} finally {
		await removeFolder(flash);
		await day.stop();
	}
}
