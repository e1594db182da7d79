/** The configurations of a random life: where it begins, how an owner changes it, and the text that the device reads. */
import type { Drawn } from "../support/drawn.js";
import {
	AGENTPMT,
	ESCROW,
	EURC,
	NETWORK,
	PACT,
	PACT_INDEXER,
	PACTUM,
	PACTUM_WALLET,
	PAYANAGENT,
	RECEIVERS,
	SELLERS,
	USDC,
} from "./sellers.js";
import type { ConfigurationModel, PlanModel, RuleModel } from "./witness.js";

/** What an owner may change between two runs. */
export type Change =
	| { readonly kind: "cap"; readonly rule: number; readonly tenths: number }
	| { readonly kind: "payment cap"; readonly rule: number; readonly to: string }
	| { readonly kind: "rename"; readonly rule: number }
	| { readonly kind: "validity"; readonly rule: number; readonly seconds: number }
	| { readonly kind: "methods"; readonly rule: number; readonly methods: string[] }
	/** Another asset for the same seller, under the same name. */
	| { readonly kind: "asset"; readonly rule: number; readonly asset: "usdc" | "eurc" }
	/** A narrower rule for the same receiver, in front of the others. */
	| { readonly kind: "front"; readonly rule: number }
	| { readonly kind: "remove front" }
	| { readonly kind: "plan"; readonly plan: number; readonly maxAmount: string }
	| { readonly kind: "remove plan"; readonly plan: number }
	| { readonly kind: "restore plans" };

export const CHANGES: readonly Change["kind"][] = [
	"cap",
	"payment cap",
	"rename",
	"validity",
	"methods",
	"asset",
	"front",
	"remove front",
	"plan",
	"remove plan",
	"restore plans",
];

/** Ends the name of a rule that was put in front of another. */
const FRONT = " in front";
/** Rules for markets, of those that there are: a configuration holds eight, and one is put in front. */
const MARKET_RULES = 4;
/** Units of accounts, by the market's origin: CAIP-2 or account, and the unit's name. */
const ACCOUNTS: Readonly<Record<string, { readonly market: string; readonly unit: string }>> = {
	[AGENTPMT]: { market: "agentpmt", unit: "credit" },
	[PACT]: { market: "pact", unit: "usdc" },
	[PACTUM]: { market: "pactum", unit: "usd" },
};

export function firstConfiguration(drawn: Drawn): ConfigurationModel {
	const signed = (name: string, origin: string, payTo: string): RuleModel => ({
		name,
		origin,
		asset: "usdc",
		methods: ["eip3009", "permit2"],
		payTo: [payTo],
		maxPerPayment: drawn.pick(["20000", "50000"]),
		maxPerWindow: drawn.pick(["30000", "60000", "100000"]),
		maxCountPerWindow: drawn.pick([2, 4, 20]),
		windowSeconds: drawn.pick([3_600, 7_200, 86_400]),
		maxForLife: drawn.pick(["50000", "100000", "200000"]),
		maxValiditySeconds: drawn.pick([60, 120, 600]),
		prepay: !drawn.once(3),
	});
	const account = (origin: string, perPayment: string, forLife: readonly string[]): RuleModel => ({
		name: ACCOUNTS[origin]!.market,
		origin,
		asset: ACCOUNTS[origin]!.market,
		methods: ["account"],
		maxPerPayment: perPayment,
		maxPerWindow: "1000000",
		maxCountPerWindow: 100,
		windowSeconds: 86_400,
		maxForLife: drawn.pick(forLife),
		maxValiditySeconds: 600,
	});
	const atMarkets = [
		account(AGENTPMT, "20", ["20", "40"]),
		account(PACT, "10000", ["30000", "60000"]),
		account(PACTUM, "20000", ["30000", "60000"]),
		{ ...signed("direct", AGENTPMT, RECEIVERS[0]), methods: ["eip3009"] },
		signed("payanagent", PAYANAGENT, RECEIVERS[1]),
		{ ...account(PACTUM, "20000", ["30000", "60000"]), name: "escrow", asset: "usdc", payTo: [ESCROW] },
	];
	while (atMarkets.length > MARKET_RULES) atMarkets.splice(drawn.integer(atMarkets.length), 1);
	const rules = [
		signed("first", SELLERS[0], RECEIVERS[0]),
		signed("second", SELLERS[0], RECEIVERS[1]),
		signed("other", SELLERS[1], RECEIVERS[0]),
		...atMarkets,
	];
	const plans = plansOf(drawn).filter((plan) => isAllowed(plan, rules));
	for (const most = 2 + drawn.integer(5); plans.length > most; ) plans.splice(drawn.integer(plans.length), 1);
	return { rules, plans };
}

/** A plan that no rule allows would do nothing. */
function isAllowed({ name, market }: PlanModel, rules: readonly RuleModel[]): boolean {
	const wanted: Readonly<Record<string, string>> = { direct: "direct", escrow: "escrow" };
	return market === undefined || rules.some((rule) => rule.name === (wanted[name] ?? market));
}

function plansOf(drawn: Drawn): PlanModel[] {
	const everySeconds = () => drawn.pick([300, 600, 1_800]);
	const maxAmount = () => drawn.pick(["20000", "50000"]);
	const plan = (name: string, wanted: Omit<PlanModel, "name" | "everySeconds">): PlanModel => {
		return { name, everySeconds: everySeconds(), ...wanted };
	};
	return [
		plan("again", { url: `${SELLERS[0]}/data`, maxAmount: maxAmount() }),
		{ ...plan("once", { url: `${SELLERS[0]}/once`, maxAmount: maxAmount() }), everySeconds: 0 },
		plan("elsewhere", { url: `${SELLERS[1]}/data`, maxAmount: maxAmount() }),
		plan("version 1", { url: `${SELLERS[1]}/v1`, maxAmount: maxAmount() }),
		plan("credits", { market: "agentpmt", offer: "weather/forecast", input: {}, maxAmount: "5" }),
		plan("insured", { market: "pact", offer: "dummy/quote", maxAmount: "10000" }),
		plan("order", { market: "pactum", offer: "item", input: { payment_method: "credit" }, maxAmount: "20000" }),
		plan("direct", { market: "agentpmt", offer: "x402:weather/forecast", input: {}, maxAmount: maxAmount() }),
		plan("offer", { market: "payanagent", offer: "temperature", input: { place: "Kiel" }, maxAmount: maxAmount() }),
		plan("escrow", { market: "pactum", offer: "item", input: { payment_method: "escrow" }, maxAmount: "20000" }),
	];
}

export function drawChange(drawn: Drawn): Change {
	const kind = drawn.pick(CHANGES);
	const rule = drawn.integer(7);
	switch (kind) {
		case "cap":
			return { kind, rule, tenths: drawn.pick([2, 5, 8, 12, 20]) };
		case "payment cap":
			return { kind, rule: drawn.integer(3), to: drawn.pick(["5000", "10000", "20000", "50000"]) };
		case "validity":
			return { kind, rule: drawn.integer(3), seconds: drawn.pick([10, 60, 600]) };
		case "methods":
			return { kind, rule: drawn.integer(3), methods: drawn.pick([["eip3009"], ["permit2"], ["eip3009", "permit2"]]) };
		case "asset":
			// The payload of version 1 does not say what it pays in, so its seller keeps to one asset.
			return { kind, rule: drawn.integer(2), asset: drawn.pick(["usdc", "eurc"]) };
		case "front":
			return { kind, rule: drawn.integer(3) };
		case "plan":
			return { kind, plan: drawn.integer(4), maxAmount: drawn.pick(["5000", "10000", "50000"]) };
		case "remove plan":
			return { kind, plan: drawn.integer(10) };
		case "rename":
			return { kind, rule };
		default:
			return { kind } as Change;
	}
}

/** The configuration after a change; `first` is where this life began. */
export function changed(before: ConfigurationModel, change: Change, first: ConfigurationModel): ConfigurationModel {
	const after = structuredClone(before);
	const named = after.rules.filter((rule) => !isFront(rule));
	const rule = "rule" in change ? named[change.rule] : undefined;
	switch (change.kind) {
		case "cap":
			if (rule !== undefined) rule.maxForLife = String((BigInt(rule.maxForLife) * BigInt(change.tenths)) / 10n);
			break;
		case "payment cap":
			if (rule !== undefined) rule.maxPerPayment = change.to;
			break;
		case "rename":
			if (rule !== undefined) rule.name = rule.name.endsWith("'") ? rule.name.slice(0, -1) : `${rule.name}'`;
			break;
		case "validity":
			if (rule !== undefined) rule.maxValiditySeconds = change.seconds;
			break;
		case "methods":
			if (rule !== undefined) rule.methods = change.methods;
			break;
		case "asset":
			if (rule !== undefined) rule.asset = change.asset;
			break;
		case "front":
			if (rule !== undefined && named.length === after.rules.length) {
				after.rules.unshift({
					...rule,
					name: `${first.rules[change.rule]?.name}${FRONT}`,
					maxPerPayment: "5000",
					maxForLife: "20000",
				});
			}
			break;
		case "remove front":
			after.rules = named;
			break;
		case "plan": {
			const plan = after.plans.filter(({ market }) => market === undefined)[change.plan];
			if (plan !== undefined) plan.maxAmount = change.maxAmount;
			break;
		}
		case "remove plan":
			after.plans.splice(change.plan, 1);
			break;
		case "restore plans":
			after.plans = structuredClone(first.plans);
	}
	return after;
}

export function isFront({ name }: RuleModel): boolean {
	return name.endsWith(FRONT);
}

/** As a file has it. */
export function textOf(configuration: ConfigurationModel): string {
	return JSON.stringify({ ...entriesOf(configuration), markets: MARKETS });
}

/** As its owner sets it at a console. */
export function entriesOf({ rules, plans }: ConfigurationModel) {
	const token = { network: NETWORK, name: "USDC", version: "2", decimals: 6 };
	const units = Object.values(ACCOUNTS).map(({ market, unit }) => ({
		id: market,
		network: `account:${market}`,
		address: unit,
		symbol: unit,
		decimals: 0,
	}));
	return {
		networks: [{ id: NETWORK, name: "Base Sepolia" }],
		assets: [
			{ id: "usdc", address: USDC, symbol: "USDC", ...token },
			{ id: "eurc", address: EURC, symbol: "EURC", ...token, name: "EURC" },
			...units,
		],
		rules,
		plans: plans.map(({ everySeconds, ...plan }) => (everySeconds === 0 ? plan : { ...plan, everySeconds })),
	};
}

export const MARKETS: Readonly<Record<string, object>> = {
	agentpmt: { host: AGENTPMT },
	pact: { betaKey: "pact_beta_of_the_test", slot: 0, gateway: PACT, indexer: PACT_INDEXER },
	pactum: { apiKey: "pk_live_of_the_test", gateway: PACTUM, walletService: PACTUM_WALLET, network: NETWORK },
	payanagent: { host: PAYANAGENT },
};
