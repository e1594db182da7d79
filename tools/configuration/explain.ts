/** Explains in words what a configuration allows a device, and the most that it can cost. */
import { formatDigits } from "../../modules/encoding/units.js";
import { hashes } from "../../modules/signer/portable.js";
import { type Configuration, parseConfiguration } from "../../src/configuration/configuration.js";
import type { Plan } from "../../src/configuration/plan.js";
import { ruleInWords } from "../../src/console/describe.js";
import type { Rule } from "../../src/wallet/rule.js";
import { HostError } from "../cli/host_error.js";

const DAY = 86_400;
const UNITS: readonly (readonly [seconds: number, one: string, many: string])[] = [
	[604_800, "week", "weeks"],
	[DAY, "day", "days"],
	[3_600, "hour", "hours"],
	[60, "minute", "minutes"],
	[1, "second", "seconds"],
];

/**
 * @param text the configuration, as the device gets it
 *
 * @param markets the names of the firmware's markets
 *
 * @throws HostError `ConfigurationUnreadable`, with the device's message
 */
export function explain(text: string, markets: readonly string[]): string[] {
	const { rules, plans } = parse(text, markets);
	return [
		...rules.flatMap((rule) => indented(ruleInWords(rule))),
		...plans.flatMap((plan) => planInWords(plan, rules)),
		...worst(rules),
	];
}

function parse(text: string, markets: readonly string[]): Configuration {
	try {
		return parseConfiguration(text, hashes, markets);
	} catch (error) {
		throw new HostError("ConfigurationUnreadable", (error as Error).message);
	}
}

function indented([first, ...others]: readonly string[]): string[] {
	return [first!, ...others.map((line) => `  ${line}`)];
}

function planInWords({ name, buys, maxAmount, everySeconds, sink }: Plan, rules: readonly Rule[]): string[] {
	const where = sink.kind === "log" ? "the log" : `flash, under "${sink.key.slice(2)}"`;
	const often = everySeconds === 0 ? "once" : `at most once ${period(everySeconds)}`;
	const line = (what: string, price: string) =>
		`plan "${name}": buy ${what}, ${often}, for at most ${price}; the data goes to ${where}`;
	if ("market" in buys) return [line(`${buys.offer} at ${buys.market}`, `${maxAmount} base units`)];
	const what = `${buys.method} ${withoutQuery(buys.url)}`;
	const allowing = rules.filter((rule) => allows(rule, buys.url));
	const [rule] = allowing;
	if (rule === undefined) {
		return [line(what, `${maxAmount} base units`), "  NO RULE allows it, so nothing would be paid: add one"];
	}
	const isCovered = allowing.some(({ maxPerPayment }) => BigInt(maxPerPayment) >= BigInt(maxAmount));
	const less = `  its rule allows less: ${money(rule.maxPerPayment, rule.asset)} a payment`;
	return [line(what, money(maxAmount, rule.asset)), ...(isCovered ? [] : [less])];
}

/** True if the rule allows the address, as the policy does: one path, or everything below a folder. */
function allows({ origin, resource }: Rule, url: string): boolean {
	const { origin: seller, pathname } = new URL(url);
	return origin === seller && (resource.endsWith("/") ? pathname.startsWith(resource) : pathname === resource);
}

/** Returns the most that all rules together allow, by token. */
function worst(rules: readonly Rule[]): string[] {
	const sums = new Map<string, { readonly asset: Rule["asset"]; day: bigint; lied: bigint; life: bigint }>();
	for (const rule of rules) {
		const { asset, windowSeconds, maxPerWindow, maxPerPayment, maxCountPerWindow } = rule;
		const key = `${asset.network} ${asset.address}`;
		const sum = sums.get(key) ?? { asset, day: 0n, lied: 0n, life: 0n };
		// A day is covered by this many windows, each within its caps.
		const windows = BigInt(Math.ceil(DAY / windowSeconds));
		const life = BigInt(rule.maxForLife);
		const lied = least(BigInt(maxPerPayment) * BigInt(maxCountPerWindow) * windows, life);
		sum.day += least(BigInt(maxPerWindow) * windows, lied);
		sum.lied += lied;
		sum.life += life;
		sums.set(key, sum);
	}
	if (sums.size === 0) return ["at worst nothing: no rule allows a payment"];
	return [...sums.values()].map(({ asset, day, lied, life }) => {
		const liar =
			lied === day ? "" : ` (${money(lied, asset)} if sellers settle payments that they claim to have refused)`;
		return `at worst ${money(day, asset)} a day${liar}, ${money(life, asset)} for life`;
	});
}

function least(one: bigint, other: bigint): bigint {
	return one < other ? one : other;
}

function money(amount: bigint | string, { symbol, decimals }: Rule["asset"]): string {
	return `${formatDigits(String(amount), decimals)} ${symbol}`;
}

function period(seconds: number): string {
	const [size, one, many] = UNITS.find(([size]) => seconds % size === 0)!;
	return seconds === size ? `a${/^[aeiouh]/.test(one) ? "n" : ""} ${one}` : `in ${seconds / size} ${many}`;
}

function withoutQuery(url: string): string {
	const query = url.indexOf("?");
	return query < 0 ? url : `${url.slice(0, query)}?…`;
}
