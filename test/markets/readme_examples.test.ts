/** The configuration of docs/markets.md for each market, run as it stands but for where the market and the chain are. */
import { readFileSync } from "node:fs";
import test from "ava";
import { type Day, startDay } from "../../tools/demonstration/markets.js";
import { type FirmwareEvent, runFirmware } from "../../tools/firmware.js";
import { usdc } from "../../tools/world/chain.js";
import { treasury } from "../../tools/world/markets/agentpmt/market.js";
import { payTo } from "../../tools/world/resources.js";
import { Heard, kept } from "../../tools/world/secret_log.js";
import { makeFolder } from "../support/folder.js";

type Entry = Record<string, unknown>;

interface Configuration {
	readonly networks: Entry[];
	readonly assets: Entry[];
	markets: Record<string, Entry>;
	rules: Entry[];
	plans: Entry[];
	count: number;
}

const text = readFileSync(new URL("../../docs/markets.md", import.meta.url), "utf8");
const examples = [...text.matchAll(/^```json\n([\s\S]*?)^```/gm)]
	.map(([, json]) => JSON.parse(json!) as Configuration)
	.filter(({ markets }) => markets !== undefined);

let day: Day;
test.before(async () => {
	day = await startDay();
});
test.after.always(() => day?.stop());

test("docs/markets.md has an example for each market", (t) => {
	const names = examples.flatMap(({ markets }) => Object.keys(markets));
	t.deepEqual(names.sort(), Object.keys(day.setup.markets).sort());
});

for (const example of examples) {
	const market = Object.keys(example.markets)[0]!;
	test.serial(`${market}: every plan of the example is delivered`, async (t) => {
		const flash = makeFolder(t);
		const { rules, plans, ...rest } = atHome(example, market);
		const boot = await run(flash, { ...rest, rules: [], plans: [] });
		const told = (event: string) => boot.find((each) => each.event === event);
		await day.fund(String(told("start")?.address), String(told("account")?.agent ?? ""));
		const events = await run(flash, { ...rest, rules, plans, count: plans.length });
		const ends = events.filter(({ event }) => event === "purchase").map(({ plan, state }) => [plan, state]);
		t.deepEqual(
			ends,
			plans.map(({ name }) => [name, "delivered"]),
			JSON.stringify(events),
		);
		kept(flash);
	});
}

/** At the local market, which is reached without TLS: then a rule has to name whom it pays. */
function atHome(example: Configuration, market: string): Configuration {
	const { markets, networks } = day.setup as unknown as Configuration;
	const { network } = day.chain;
	const { gateway, host } = markets[market]!;
	const origin = gateway ?? host;
	const receivers = [payTo, treasury, day.payanAgent.nativeSeller.profile.walletAddress];
	const isToken = (id: unknown) => id === "usdc";
	return {
		...example,
		networks: example.networks.length === 0 ? [] : networks,
		assets: example.assets.map((asset) =>
			isToken(asset.id) ? { ...asset, network, address: usdc.address, name: usdc.name } : asset,
		),
		markets: { [market]: { ...example.markets[market], ...markets[market] } },
		rules: example.rules.map((rule) => ({ ...rule, origin, ...(isToken(rule.asset) && { payTo: receivers }) })),
	};
}

async function run(flash: string, configuration: object): Promise<FirmwareEvent[]> {
	const events = new Heard<FirmwareEvent>();
	await runFirmware({
		engine: "node",
		flash,
		configuration: JSON.stringify(configuration),
		timeout: 60_000,
		onEvent: (event) => events.push(event),
	});
	return events;
}
