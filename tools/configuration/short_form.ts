/**
 * Expands the short form of a configuration: one line by a person becomes the networks, assets, rules and plans that the
 * device reads (docs/configuration.md). The device checks all of it as if it had been written in the long form.
 */
import { baseUnits, seconds, type Unit } from "./amounts.js";
import { ShortFormError } from "./errors.js";
import { findPreset, PRESETS } from "./presets.js";

type Json = Readonly<Record<string, unknown>>;

/** The parts that a device stores one by one. */
export interface Parts {
	readonly networks: readonly Json[];
	readonly assets: readonly Json[];
	readonly rules: readonly Json[];
	readonly plans: readonly Json[];
}

const DAY = 86_400;
/** Signatures in one period: a payment, one more by other terms, and a margin for a restart or overlapping hours. */
const SIGNATURES_A_PERIOD = 2;
const SPARE_SIGNATURES = 2;
/** Seconds. Sellers ask for 60 to 300; a seller may ask for less. */
const VALIDITY = 300;
const NAME_LIMIT = 32;

const REQUIRED = ["buy", "asset", "max", "perDay", "forLife"] as const;
/** `every`, and members that a rule or a plan has under the same name. */
const OPTIONAL = ["every", "name", "payTo", "prepay", "method", "headers", "body", "sink", "waits", "brake"] as const;

/** True for an object in the short form. */
export function isShort(value: unknown): boolean {
	return typeof value === "object" && value !== null && "buy" in value;
}

/**
 * Expands a whole configuration, or one object of the short form. Long parts stay unchanged.
 *
 * @throws ShortFormError
 */
export function writeOut(configuration: Json): Json {
	if (isShort(configuration)) return { ...writeOutShort(configuration, "") };
	const parts = new LongForm(list(configuration.networks), list(configuration.assets));
	for (const [i, rule] of list(configuration.rules).entries()) parts.addRule(rule, `rules[${i}]`);
	for (const [i, plan] of list(configuration.plans).entries()) {
		if (isShort(plan)) parts.addShort(plan, `plans[${i}]`);
		else parts.addPlan(plan, `plans[${i}]`);
	}
	const written: Record<string, unknown> = { ...configuration };
	for (const name of ["networks", "assets", "rules", "plans"] as const) {
		const given = configuration[name];
		// A missing part, or one that is no list, is left for the device to report.
		if (Array.isArray(given) || (given === undefined && parts[name].length > 0)) written[name] = parts[name];
	}
	return written;
}

/**
 * Expands one object of the short form.
 *
 * @param known the assets on the device, which `asset` may name
 *
 * @throws ShortFormError
 */
export function writeOutShort(short: Json, path: string, known: readonly Json[] = []): Parts {
	const parts = new LongForm([], known);
	parts.addShort(short, path);
	return { ...parts, assets: parts.assets.slice(known.length) };
}

/** Expands a rule or a plan, given the known assets. Throws `ShortFormError`. */
export function writeOutRule(rule: Json, assets: readonly Json[]): Parts {
	const parts = new LongForm([], assets);
	parts.addRule(rule, "rule");
	return { ...parts, assets: parts.assets.slice(assets.length) };
}

export function writeOutPlan(plan: Json, assets: readonly Json[]): Json {
	const parts = new LongForm([], assets);
	parts.addPlan(plan, "plan");
	return parts.plans[0]!;
}

class LongForm implements Parts {
	readonly networks: Json[];
	readonly assets: Json[];
	readonly rules: Json[] = [];
	readonly plans: Json[] = [];

	constructor(networks: readonly Json[], assets: readonly Json[]) {
		this.networks = [...networks];
		this.assets = [...assets];
	}

	addRule(rule: Json, path: string): void {
		const asset = typeof rule === "object" && rule !== null ? this.#asset(rule.asset) : undefined;
		if (asset === undefined) {
			this.rules.push(rule);
			return;
		}
		const written: Record<string, unknown> = { ...rule, asset: asset.id };
		for (const cap of ["maxPerPayment", "maxPerWindow", "maxForLife"]) {
			if (cap in rule) written[cap] = baseUnits(`${path}.${cap}`, rule[cap], asset);
		}
		for (const time of ["windowSeconds", "maxValiditySeconds"]) {
			if (time in rule) written[time] = seconds(`${path}.${time}`, rule[time]);
		}
		this.rules.push(written);
	}

	addPlan(plan: Json, path: string): void {
		if (typeof plan !== "object" || plan === null) {
			this.plans.push(plan);
			return;
		}
		const written: Record<string, unknown> = { ...plan };
		if ("maxAmount" in plan) {
			const unit = this.#unitOf(plan.maxAmount);
			if (unit !== undefined) written.maxAmount = baseUnits(`${path}.maxAmount`, plan.maxAmount, unit);
		}
		if ("everySeconds" in plan) written.everySeconds = seconds(`${path}.everySeconds`, plan.everySeconds);
		this.plans.push(written);
	}

	addShort(short: Json, path: string): void {
		const at = (name: string) => (path === "" ? name : `${path}.${name}`);
		for (const name of REQUIRED) {
			if (short[name] === undefined)
				throw new ShortFormError("FieldMissing", `${at(name)}: expected ${EXPECTED[name]}`);
		}
		const names: readonly string[] = [...REQUIRED, ...OPTIONAL];
		for (const name of Object.keys(short)) {
			if (names.includes(name)) continue;
			throw new ShortFormError("FieldUnknown", `${at(name)}: expected one of ${names.join(", ")}`);
		}
		const { buy, asset: word, max, perDay, forLife, every, name: given, payTo, prepay, ...plan } = short;
		const asset = this.#asset(word);
		if (asset === undefined) {
			const words = PRESETS.map((preset) => preset.asset.id).join(", ");
			throw new ShortFormError(
				"AssetUnknown",
				`${at("asset")}: expected one of ${words}, found ${JSON.stringify(word)}`,
			);
		}
		const url = urlOf(buy, at("buy"));
		const everySeconds = every === undefined ? undefined : seconds(at("every"), every);
		const periods = typeof everySeconds === "number" && everySeconds > 0 ? Math.ceil(DAY / everySeconds) : 1;
		const name = typeof given === "string" ? given : nameOf(url, this.plans);
		const maxAmount = baseUnits(at("max"), max, asset);
		this.rules.push({
			name,
			origin: url.origin,
			asset: asset.id,
			...(payTo !== undefined && { payTo }),
			resource: url.pathname,
			maxPerPayment: maxAmount,
			maxPerWindow: baseUnits(at("perDay"), perDay, asset),
			maxCountPerWindow: SIGNATURES_A_PERIOD * periods + SPARE_SIGNATURES,
			windowSeconds: DAY,
			maxForLife: baseUnits(at("forLife"), forLife, asset),
			maxValiditySeconds: VALIDITY,
			...(prepay !== undefined && { prepay }),
		});
		this.plans.push({ name, url: buy, ...plan, maxAmount, ...(everySeconds !== undefined && { everySeconds }) });
	}

	/** Returns the asset of that name, after adding it if it is a preset. */
	#asset(word: unknown): (Json & Unit) | undefined {
		const found = this.assets.find((each) => each?.id === word);
		if (found !== undefined) return typeof found.decimals === "number" ? (found as Json & Unit) : undefined;
		const preset = typeof word === "string" ? findPreset(word) : undefined;
		if (preset === undefined) return undefined;
		const { asset, network } = preset;
		const same = this.assets.find((each) => each?.id === asset.id);
		if (same !== undefined) return same as Json & Unit;
		if (!this.networks.some((each) => each?.id === network.id)) this.networks.push(network);
		this.assets.push(asset);
		return asset as unknown as Json & Unit;
	}

	/**
	 * Returns the unit of an amount. A plan names no asset: the unit is the one in its amount or, for a bare number, the first.
	 */
	#unitOf(amount: unknown): Unit | undefined {
		const units = this.assets.filter((each): each is Json & Unit => typeof each?.symbol === "string");
		const isNamed = ({ symbol }: Unit) => String(amount).toLowerCase().endsWith(symbol.toLowerCase());
		const named = units.filter(isNamed);
		const isOne = named.every(({ decimals }) => decimals === named[0]!.decimals);
		return isOne ? (named[0] ?? units[0]) : undefined;
	}
}

const EXPECTED: Readonly<Record<(typeof REQUIRED)[number], string>> = {
	buy: "the address to buy from, such as https://api.example.com/weather",
	asset: "the token to pay with, such as usdc@base",
	max: 'the most that one purchase may cost, such as "0.02 USDC"',
	perDay: 'the most that a day may cost, such as "0.50 USDC"',
	forLife: 'the most that may ever be spent, such as "50 USDC"',
};

function list(value: unknown): readonly Json[] {
	return Array.isArray(value) ? value : [];
}

function urlOf(buy: unknown, path: string): URL {
	const url = typeof buy === "string" && URL.canParse(buy) ? new URL(buy) : undefined;
	if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
	throw new ShortFormError("FieldMissing", `${path}: expected ${EXPECTED.buy}`);
}

/** Makes a name from the host and the last part of the path; numbered if another plan has it. */
function nameOf({ host, pathname }: URL, plans: readonly Json[]): string {
	const last = pathname.split("/").filter(Boolean).at(-1) ?? "";
	const name = `${last === "" ? "" : `${last} at `}${host}`.slice(0, NAME_LIMIT - 3).trim();
	const isTaken = (candidate: string) => plans.some((plan) => plan.name === candidate);
	if (!isTaken(name)) return name;
	let number = 2;
	while (isTaken(`${name} ${number}`)) number++;
	return `${name} ${number}`;
}
