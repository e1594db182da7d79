/** The configurations of the campaign's scenarios, and the text that the device reads. */
import { AGENTPMT, PACT, PACT_INDEXER, PACTUM, PACTUM_WALLET } from "../lives/sellers.js";
import type { PlanModel, RuleModel } from "../lives/witness.js";
import { PAY_TO, PAYANAGENT, SELLER } from "./sellers.js";
import { NETWORK, USDC } from "./token_book.js";

export interface Plan extends PlanModel {
	readonly method?: string;
	readonly body?: string;
	readonly sink?: object;
}

export interface Configuration {
	rules: RuleModel[];
	plans: Plan[];
}

/** Seconds. */
export const PERIOD = 3_600;
/** Seconds without power after a cut, if a scenario does not say otherwise. */
export const AWAY = 5;

export const RULE: RuleModel = {
	name: "seller",
	origin: SELLER,
	asset: "usdc",
	methods: ["eip3009", "permit2"],
	payTo: [PAY_TO],
	maxPerPayment: "50000",
	maxPerWindow: "5000000",
	maxCountPerWindow: 100,
	windowSeconds: 86_400,
	maxForLife: "1000000",
	maxValiditySeconds: 600,
};
export const PLAN: Plan = { name: "data", url: `${SELLER}/data`, maxAmount: "50000", everySeconds: PERIOD };

/** A rule for what a market's account is charged. */
export const accountRule = (asset: string, origin: string): RuleModel => {
	const { payTo: _, ...rule } = RULE;
	return { ...rule, name: asset, origin, asset, methods: ["account"] };
};

export const configuration = (rule: Partial<RuleModel> = {}, plan: Partial<Plan> = {}): Configuration => {
	return { rules: [{ ...RULE, ...rule }], plans: [{ ...PLAN, ...plan }] };
};

/** A plan that buys at a market. */
export const atMarket = (rule: RuleModel, market: string, offer: string, input?: unknown): Configuration => {
	const plan = { name: "data", market, offer, maxAmount: "50000", everySeconds: PERIOD };
	return { rules: [rule], plans: [input === undefined ? plan : { ...plan, input }] };
};

const HOSTS: Readonly<Record<string, string>> = {
	agentpmt: AGENTPMT,
	pact: PACT,
	pactum: PACTUM,
	payanagent: PAYANAGENT,
};
const SETTINGS: Readonly<Record<string, object>> = {
	agentpmt: { host: AGENTPMT },
	pact: { betaKey: "pact_beta_of_the_test", slot: 1, gateway: PACT, indexer: PACT_INDEXER },
	pactum: { apiKey: "pk_live_of_the_test", gateway: PACTUM, walletService: PACTUM_WALLET, network: NETWORK },
	payanagent: { host: PAYANAGENT },
};
const UNITS: Readonly<Record<string, string>> = { agentpmt: "credit", pact: "usdc", pactum: "usd" };

/** From where a plan buys: what the books note of it begins so. */
export const sourceOf = ({ url, market }: PlanModel): string => url ?? HOSTS[market!]!;

/** As the device reads it. */
export function textOf({ rules, plans }: Configuration): string {
	const usdc = { id: "usdc", network: NETWORK, address: USDC, name: "USDC", version: "2", symbol: "USDC", decimals: 6 };
	const markets = Object.keys(SETTINGS).filter((name) => plans.some(({ market }) => market === name));
	const units = Object.entries(UNITS).map(([id, address]) => {
		return { id, network: `account:${id}`, address, symbol: address, decimals: 0 };
	});
	return JSON.stringify({
		networks: [{ id: NETWORK, name: "Base Sepolia" }],
		assets: [usdc, ...units.filter(({ id }) => markets.includes(id))],
		rules,
		plans: plans.map(({ everySeconds, ...plan }) => (everySeconds === 0 ? plan : { ...plan, everySeconds })),
		markets: Object.fromEntries(markets.map((name) => [name, SETTINGS[name]])),
	});
}
