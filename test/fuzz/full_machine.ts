/**
 * A device with as many plans, rules and markets as it takes, whose plans all buy from one raw seller: what an answer costs is
 * measured where least memory is left.
 */
import { type FirmwareEvent, type FirmwareResult, runFirmware } from "../../tools/firmware.js";
import type { XsBuild } from "../../tools/xs/build.js";
import { PAY_TO, USDC } from "../agent/fake_seller.js";

/** As many plans as a device takes. */
export const PLANS = 16;
/** As many plans, and as many rules, as a device may have that takes terms of 12 kB. */
export const LIGHT_PLANS = 4;

const CAPS = {
	maxPerPayment: "5000000",
	maxPerWindow: "6000000",
	maxCountPerWindow: 24,
	windowSeconds: 86_400,
	maxForLife: "50000000",
	maxValiditySeconds: 120,
};

/** JSON text: `npm start`'s configuration with `plans` in the place of its own. */
export function fullConfiguration(url: string, plans: readonly object[]): string {
	const rule = (name: string, asset: string, more: object) => ({ name, origin: url, asset, ...CAPS, ...more });
	const account = (market: string, unit: string) => ({
		id: `${market} credit`,
		network: `account:${market}`,
		address: unit,
		symbol: "USD",
		decimals: 6,
	});
	const host = "http://127.0.0.1:9";
	return JSON.stringify({
		networks: [{ id: "eip155:84532", name: "Base Sepolia" }],
		assets: [
			{ id: "usdc", network: "eip155:84532", address: USDC, name: "USDC", version: "2", symbol: "USDC", decimals: 6 },
			...["pactum", "pact", "agentpmt"].map((market) => account(market, "usdc")),
		],
		markets: {
			pactum: {
				apiKey: `pk_live_${"0".repeat(32)}`,
				gateway: host,
				walletService: host,
				network: "eip155:84532",
				rpc: host,
			},
			pact: {
				betaKey: `pact_beta_${"0".repeat(32)}`,
				slot: 1,
				gateway: host,
				indexer: host,
				network: "solana-mainnet",
			},
			agentpmt: { host, chainId: 84_532 },
			payanagent: { host },
		},
		rules: [
			rule("sensors", "usdc", { methods: ["eip3009", "permit2"], payTo: [PAY_TO] }),
			...["pactum", "pact", "agentpmt"].map((market) =>
				rule(`${market} credit`, `${market} credit`, { methods: ["account"] }),
			),
			...["pactum escrow", "agentpmt", "payanagent", "old sensors"].map((name) =>
				rule(name, "usdc", { origin: "http://elsewhere.test", payTo: [PAY_TO] }),
			),
		],
		plans: plans.map((plan) => ({ maxAmount: "300000", ...plan })),
	});
}

/** The like with four plans and four rules, and no market. */
function lightConfiguration(url: string, plans: readonly object[]): string {
	const { markets: _, assets, rules, ...rest } = JSON.parse(fullConfiguration(url, plans));
	const some = ["sensors", "pactum escrow", "agentpmt", "payanagent"];
	const kept = rules.filter(({ name }: { name: string }) => some.includes(name));
	return JSON.stringify({ ...rest, assets: assets.slice(0, 1), rules: kept });
}

/** The end of a life. */
export interface FullRun {
	readonly result: FirmwareResult;
	/** The first turn of each plan, in the order of the plans, as far as they had one. */
	readonly purchases: readonly FirmwareEvent[];
	/** Bytes; 0 if the device failed. */
	readonly peak: number;
}

/**
 * One life of the device, from power on until every plan has had its turn: then it is switched off, since a plan whose turn cost
 * nothing is tried again without end.
 */
export async function runFull(
	build: XsBuild,
	url: string,
	plans: readonly object[],
	flash: string,
	arena?: number,
): Promise<FullRun> {
	const turns = new Map<unknown, FirmwareEvent>();
	const off = new AbortController();
	let peak = 0;
	let measure = () => {};
	const result = await runFirmware({
		engine: "xs",
		build,
		flash,
		arena,
		configuration: plans.length === PLANS ? fullConfiguration(url, plans) : lightConfiguration(url, plans),
		timeout: 180_000,
		signal: off.signal,
		onStart: (ask) => {
			measure = ask;
		},
		onMeasure: (heap) => {
			peak = heap.peak;
			off.abort();
		},
		onEvent: (event) => {
			if (event.event !== "purchase" || turns.has(event.plan)) return;
			turns.set(event.plan, event);
			if (turns.size === plans.length) measure();
		},
	});
	const names = plans.map((plan) => (plan as { readonly name: string }).name);
	// One that had no more to do has ended by itself, and reports.
	peak ||= result.exitCode === 0 ? result.heap!.peak : 0;
	return { result, peak, purchases: names.map((name) => turns.get(name)).filter((turn) => turn !== undefined) };
}
