/**
 * A day in a device's life: a chain, the four markets, and a configuration that buys at each of them: free,
 * by credit, by escrow, insured and refunded, credits and the call they pay for, directly, native and relayed.
 */
import type { Address } from "viem";
import { listedMarkets } from "../../hal/node/markets.js";
import { type Chain, startChain, usdc } from "../world/chain.js";
import { type AgentPmt, startAgentPmt, treasury } from "../world/markets/agentpmt/market.js";
import { type PactMarket, startPact } from "../world/markets/pact/market.js";
import { type PactumMarket, startPactum } from "../world/markets/pactum/market.js";
import { type PayanAgent, startPayanAgent } from "../world/markets/payanagent/market.js";
import { payTo } from "../world/resources.js";

export interface Day {
	readonly chain: Chain;
	readonly pactum: PactumMarket;
	readonly pact: PactMarket;
	readonly agentPmt: AgentPmt;
	readonly payanAgent: PayanAgent;
	/** A configuration without plans. */
	readonly setup: Setup;
	/** JSON text. Without plans it is for the first boot, at which the device creates its keys. */
	configuration(plans?: readonly object[]): string;
	/** Returns all secrets of the configuration and the markets: none may appear in an event or a record. */
	secrets(): string[];
	/** Does the owner's part: gives the wallet money and the Pact agent an allowance. */
	fund(wallet: string, agent: string): Promise<void>;
	stop(): Promise<void>;
}

export interface Setup {
	readonly networks: readonly object[];
	readonly assets: readonly object[];
	readonly markets: object;
	readonly rules: readonly object[];
}

const DOLLAR = 1_000_000n;
/** Milliseconds after which Pact settles a call and its refund on its chain: after the first poll, before the second. */
const SETTLES_MS = 500;

const purchases = (await listedMarkets()).flatMap(({ kind, catalogue }) =>
	catalogue.demonstration.map((purchase) => ({ market: kind.name, ...purchase })),
);

/** The plans of the markets' catalogues, in the order of the list. */
export const plans = purchases.map(({ ends, ...plan }) => ({ maxAmount: "300000", ...plan }));

/** The final states of those that are not delivered, by plan. */
export const endsAtMarkets = Object.fromEntries(
	purchases.flatMap(({ name, ends }) => (ends === undefined ? [] : [[name, ends] as const])),
);

/** Starts the markets, and a chain of their own. */
export async function startDay(): Promise<Day> {
	const chain = await startChain();
	try {
		const day = await openMarkets(chain);
		const stop = async () => {
			await day.stop();
			await chain.stop();
		};
		return { ...day, stop };
	} catch (error) {
		await chain.stop();
		throw error;
	}
}

/** Starts only the markets. The caller stops the chain later. */
export async function openMarkets(chain: Chain): Promise<Day> {
	const [pactum, pact, agentPmt, payanAgent] = await Promise.all([
		startPactum(chain),
		startPact(),
		startAgentPmt(chain),
		startPayanAgent(chain),
	]);
	const account = await pactum.newAccount({ usdc: DOLLAR, credit: DOLLAR });
	const betaKey = pact.newKey();
	payanAgent.limits.public = Number.POSITIVE_INFINITY;
	const settler = setInterval(() => {
		if (pact.calls().every(({ at }) => at + SETTLES_MS <= pact.clock.now())) pact.settle();
	}, SETTLES_MS / 10).unref();
	const markets = {
		pactum: {
			apiKey: account.apiKey,
			gateway: pactum.gateway.url,
			walletService: pactum.wallet.url,
			network: chain.network,
			rpc: chain.rpcUrl,
		},
		pact: { betaKey, slot: 1, gateway: pact.gateway.url, indexer: pact.indexer.url, network: "solana-mainnet" },
		agentpmt: { host: agentPmt.url, chainId: chain.chainId },
		payanagent: { host: payanAgent.url },
	};
	const setup: Setup = {
		networks: [{ id: chain.network, name: "a local chain" }],
		assets: assets(chain),
		markets,
		rules: rules({ pactum, pact, agentPmt, payanAgent }),
	};
	return {
		chain,
		pactum,
		pact,
		agentPmt,
		payanAgent,
		setup,
		configuration: (plans = []) => JSON.stringify({ ...setup, plans }),
		secrets: () => [
			account.apiKey,
			betaKey,
			...pactum.secrets(),
			...pact.secrets(),
			...agentPmt.secrets(),
			...payanAgent.secrets(),
		],
		fund: async (wallet, agent) => {
			await chain.mint(wallet as Address, 10n * DOLLAR);
			pact.fund(agent, { balance: DOLLAR, allowance: DOLLAR });
		},
		stop: async () => {
			clearInterval(settler);
			await Promise.all([pactum.stop(), pact.stop(), agentPmt.stop(), payanAgent.stop()]);
		},
	};
}

function assets({ network }: Chain) {
	const { name, version, address } = usdc;
	const dollars = { symbol: "USD", decimals: 6 };
	return [
		{ id: "usdc", network, address, name, version, symbol: "USDC", decimals: 6 },
		{ id: "pactum credit", network: "account:pactum", address: "usd", ...dollars },
		{ id: "pact premium", network: "account:pact", address: "usdc", ...dollars },
		{ id: "agentpmt credit", network: "account:agentpmt", address: "credit", symbol: "credits", decimals: 0 },
	];
}

type Markets = Pick<Day, "pactum" | "pact" | "agentPmt" | "payanAgent">;

function rules({ pactum, pact, agentPmt, payanAgent }: Markets) {
	const caps = {
		maxPerPayment: "5000000",
		maxPerWindow: "6000000",
		maxCountPerWindow: 24,
		windowSeconds: 86_400,
		maxForLife: "50000000",
		maxValiditySeconds: 120,
	};
	const account = { methods: ["account"], ...caps };
	const credits = { maxPerPayment: "50", maxPerWindow: "100", maxForLife: "1000" };
	return [
		{ name: "pactum credit", origin: pactum.gateway.url, asset: "pactum credit", ...account },
		{ name: "pactum escrow", origin: pactum.gateway.url, asset: "usdc", payTo: [pactum.escrow.address], ...account },
		{ name: "pact", origin: pact.gateway.url, asset: "pact premium", ...account },
		{ name: "agentpmt credits", origin: agentPmt.url, asset: "agentpmt credit", ...account, ...credits },
		{ name: "agentpmt", origin: agentPmt.url, asset: "usdc", payTo: [treasury], ...caps },
		{
			name: "payanagent",
			origin: payanAgent.url,
			asset: "usdc",
			payTo: [payanAgent.nativeSeller.profile.walletAddress, payTo],
			...caps,
		},
	];
}
