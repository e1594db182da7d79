/** Plans at one market, carried out by the firmware on XS with the memory of the smallest board. */
import type { ExecutionContext } from "ava";
import type { Address } from "viem";
import { type Day, startDay } from "../../tools/demonstration/markets.js";
import { type FirmwareEvent, runFirmware } from "../../tools/firmware.js";
import { Heard } from "../../tools/world/secret_log.js";
import { makeFolder } from "../support/folder.js";

export interface MarketPlan {
	readonly offer: string;
	readonly input?: object;
	/** How it ends: state and outcome. */
	readonly ends: string;
}

/** One more run of the device, with plans of its own. */
export type Run = (plans: readonly MarketPlan[], options?: object) => Promise<readonly FirmwareEvent[]>;

/** A device with money at all four markets, which buys at `market`; what it says of each purchase comes back. */
export async function openDevice(
	t: ExecutionContext,
	market: string,
): Promise<{ day: Day; wallet: Address; run: Run }> {
	const day = await startDay();
	t.teardown(() => day.stop());
	const flash = makeFolder(t);
	let runs = 0;
	const boot = async (configuration: string) => {
		const events: FirmwareEvent[] = new Heard();
		const onEvent = (event: FirmwareEvent) => events.push(event);
		const result = await runFirmware({ engine: "xs", flash, configuration, onEvent, timeout: 60_000 });
		t.is(result.exitCode, 0, result.reason);
		const { peak, limit } = result.heap!;
		t.true(peak <= limit && limit <= 94_208 * (result.bits / 32));
		t.log(`peak ${peak} of ${limit} bytes`);
		return events;
	};
	const events = await boot(day.configuration());
	const told = (name: string) => events.find(({ event }) => event === name);
	const wallet = String(told("start")?.address) as Address;
	await day.fund(wallet, String(told("account")?.agent));
	const run: Run = async (plans, options = {}) => {
		const markets = day.setup.markets as Readonly<Record<string, object>>;
		const name = `run ${++runs}`;
		const configuration = {
			...day.setup,
			markets: { [market]: { ...markets[market], ...options } },
			assets: day.setup.assets.filter((asset) => isOf(market, asset)),
			rules: day.setup.rules.filter((rule) => (rule as { name: string }).name.split(" ")[0] === market),
			plans: plans.map(({ offer, input }, i) => ({
				name: `${name}, ${i + 1}`,
				market,
				offer,
				...(input !== undefined && { input }),
				maxAmount: offer.startsWith("credits:") ? "5000000" : "300000",
			})),
		};
		const said = await boot(JSON.stringify(configuration));
		const purchases = said.filter(({ event }) => event === "purchase");
		t.deepEqual(
			purchases.map(({ url, state, outcome }) => [url, `${state} ${outcome}`]),
			plans.map(({ offer, ends }) => [`${market}: ${offer.replace(/\?.*/, "…")}`, ends]),
		);
		const all = JSON.stringify(said);
		t.false(day.secrets().some((secret) => all.includes(secret)));
		return purchases;
	};
	return { day, wallet, run };
}

/** Of a chain, or of the market's accounts. */
function isOf(market: string, asset: object): boolean {
	const { network } = asset as { network: string };
	return !network.startsWith("account:") || network === `account:${market}`;
}
