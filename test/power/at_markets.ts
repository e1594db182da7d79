/**
 * Power cuts at the markets: one purchase at each, cut at its operations, and switched on again until its plan has ended.
 * Then the market's books or the chain are asked what was taken, and the flash what the device thinks of it.
 */
import { copyFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Address } from "viem";
import type { Day } from "../../tools/demonstration/markets.js";
import { type FirmwareEvent, runFirmware } from "../../tools/firmware.js";
import { kept } from "../../tools/world/secret_log.js";
import type { XsBuild } from "../../tools/xs/build.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";
import { AT_ONCE, type Cut, PHASES, recordsIn, untilItEnds } from "./campaign.js";

export interface MarketCase {
	readonly plan: object;
	/** Base units. */
	readonly price: bigint;
	/** What a purchase may end as when its request or its answer was lost, and the market does not answer the same again. */
	readonly unknown: readonly string[];
	/** What was ever taken of a buyer, by the market's books or the chain. */
	taken(day: Day, buyer: Buyer): Promise<bigint>;
}

/** Who buys, life after life: its keys and its accounts stay, its flash does not. */
export interface Buyer {
	/** The folder with its keys. */
	readonly keys: string;
	readonly markets: object;
	readonly wallet: Address;
	/** At Pact. */
	readonly agent: string;
	/** At Pactum. */
	readonly hosted: Address;
}

const transferred = async ({ chain }: Day, from: Address) =>
	(await chain.transfers(from)).reduce((sum, { value }) => sum + value, 0n);

export const CASES: Readonly<Record<string, MarketCase>> = {
	"Pactum, by escrow": {
		plan: { market: "pactum", offer: "item-text", input: { payment_method: "escrow" } },
		price: 1_234n,
		unknown: ["deposit_unknown"],
		taken: (day, { hosted }) => transferred(day, hosted),
	},
	"Pact Network Market, insured": {
		plan: { market: "pact", offer: "dummy/quote/AAPL", input: { limit: 10 } },
		price: 1_000n,
		// Paid, and the power went between the answer's head and its body.
		unknown: ["answer_lost", "delivery_cut"],
		taken: async ({ pact }, { agent }) => {
			const calls = pact.calls().filter((call) => call.agent === agent);
			return calls.reduce((sum, { premium }) => sum + premium, 0n);
		},
	},
	"AgentPMT, paid directly": {
		plan: { market: "agentpmt", offer: "x402:weather/forecast", input: { place: "Oslo" } },
		price: 50_000n,
		unknown: ["nonce_already_used"],
		taken: (day, { wallet }) => transferred(day, wallet),
	},
	"PayanAgent, native": {
		plan: { market: "payanagent", offer: "temperature", input: { place: "Kiel" } },
		price: 10_000n,
		// What the market says of a payment that it has settled already.
		unknown: ["nonce_already_used"],
		taken: (day, { wallet }) => transferred(day, wallet),
	},
};

const MILLION_DOLLARS = 1_000_000_000_000n;

/** A device that makes its keys, and has accounts at the markets and money. */
export async function newBuyer(day: Day, build: XsBuild): Promise<Buyer> {
	const account = await day.pactum.newAccount({ usdc: MILLION_DOLLARS, credit: MILLION_DOLLARS });
	const { pactum, ...others } = day.setup.markets as { pactum: object };
	const markets = { pactum: { ...pactum, apiKey: account.apiKey }, ...others };
	const keys = temporaryFolder();
	const told = { wallet: "", agent: "" };
	const onEvent = ({ address, agent }: FirmwareEvent) => {
		if (typeof address === "string") told.wallet = address;
		if (typeof agent === "string") told.agent = agent;
	};
	const configuration = JSON.stringify({ ...day.setup, markets, plans: [] });
	await runFirmware({ engine: "xs", build, flash: keys, configuration, onEvent });
	await day.chain.mint(told.wallet as Address, MILLION_DOLLARS);
	day.pact.fund(told.agent, { balance: MILLION_DOLLARS, allowance: MILLION_DOLLARS });
	return { keys, markets, wallet: told.wallet as Address, agent: told.agent, hosted: account.wallet };
}

export interface Campaign {
	/** Of a purchase that is not cut. */
	readonly operations: number;
	readonly lives: number;
	/** By outcome: how many lives ended so. */
	readonly ends: Readonly<Record<string, number>>;
	/** What was not as it must be. */
	readonly failures: readonly string[];
}

/**
 * Cuts a purchase at each of its operations, at one of the phases after the other: an operation before, the next in it,
 * the next after it, and so on from `first`.
 */
export async function campaignAt(
	day: Day,
	market: MarketCase,
	build: XsBuild,
	buyers: readonly Buyer[],
	first: number,
): Promise<Campaign> {
	const ends: Record<string, number> = {};
	const failures: string[] = [];
	const live = async (buyer: Buyer, cut?: Cut) => {
		const life = await liveAt(day, market, build, buyer, cut);
		failures.push(...broken(market, life, cut).map((what) => `${cut?.operation} ${cut?.phase}: expected ${what}`));
		ends[life.outcome] = (ends[life.outcome] ?? 0) + 1;
		return life;
	};
	const { operations } = await live(buyers[0]!);
	const queue = Array.from({ length: operations }, (_, i) => {
		return { operation: i + 1, phase: PHASES[(first + i) % PHASES.length]! };
	});
	await Promise.all(
		buyers.slice(0, AT_ONCE).map(async (buyer) => {
			for (let cut = queue.shift(); cut !== undefined; cut = queue.shift()) await live(buyer, cut);
		}),
	);
	return { operations, lives: operations + 1, ends, failures };
}

interface MarketLife {
	readonly runs: number;
	readonly operations: number;
	readonly outcome: string;
	readonly state: unknown;
	readonly taken: bigint;
	readonly records: ReturnType<typeof recordsIn>;
}

async function liveAt(
	day: Day,
	market: MarketCase,
	build: XsBuild,
	buyer: Buyer,
	cut: Cut | undefined,
): Promise<MarketLife> {
	const flash = temporaryFolder();
	try {
		for (const name of readdirSync(buyer.keys).filter((name) => name.startsWith("key."))) {
			copyFileSync(path.join(buyer.keys, name), path.join(flash, name));
		}
		const plans = [{ name: "plan", maxAmount: "300000", ...market.plan }];
		const configuration = JSON.stringify({ ...day.setup, markets: buyer.markets, plans });
		const before = await market.taken(day, buyer);
		const { runs, operations, purchase } = await untilItEnds({ engine: "xs", build, flash, configuration }, cut);
		return {
			runs,
			operations,
			// The last word may have been cut; the records have it.
			outcome: String(purchase?.outcome ?? "not said"),
			state: purchase?.state,
			taken: (await market.taken(day, buyer)) - before,
			records: recordsIn(flash),
		};
	} finally {
		kept(flash);
		await removeFolder(flash);
	}
}

/** What must be true of a device's life, as far as it is not. */
function broken({ price, unknown }: MarketCase, life: MarketLife, cut: Cut | undefined): string[] {
	const { runs, outcome, state, taken, records } = life;
	const counted = records.filter(({ state }) => state !== "expired").reduce((sum, { amount }) => sum + amount, 0n);
	const isUnknown = unknown.includes(outcome);
	const checks: [boolean, string][] = [
		[runs >= 2 || cut === undefined, "the power to be cut"],
		[taken === price || (taken === 0n && isUnknown), `${price} to be taken once, got ${taken} (${outcome})`],
		[counted >= taken, `the ledger to count at least ${taken}, got ${counted}`],
		[records.every(({ state }) => state !== "intended" && state !== "authorized"), "every record in a final state"],
		[state === "delivered" || state === undefined || isUnknown, `delivered, got ${state} ${outcome}`],
		[cut !== undefined || state === "delivered", "a purchase that is not cut to be delivered"],
	];
	return checks.filter(([holds]) => !holds).map(([, what]) => what);
}
